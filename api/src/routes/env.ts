import type { Logger } from '@failtrace/contract/server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Caller } from '../authorise/caller.ts';
import type { Freeing } from '../deliver/freeing.ts';
import type { FindContext } from '../find-runs.ts';
import type { Reader } from '../read/reader.ts';

/** What the middleware leaves for the routes. */
export interface ApiEnv {
  Variables: { caller: Caller };
}

/** The application that routes add themselves to. */
export type ApiApp = OpenAPIHono<ApiEnv>;

/** What the routes work with. */
export interface RouteDeps {
  reader: Reader;
  logger: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
  freeing: Freeing;
}

/** The search context of a request: its caller's scope, and an end when the client goes away. */
export function findContext(context: Context<ApiEnv>, { reader, clock }: RouteDeps): FindContext {
  return {
    reader,
    scope: context.get('caller').scope,
    now: clock(),
    signal: context.req.raw.signal,
  };
}
