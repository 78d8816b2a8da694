import type { Logger } from '@failtrace/contract/server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import type { Guard } from './authorise/caller.ts';
import { crossSite } from './authorise/cross-site.ts';
import { assertPermissions } from './authorise/permission.ts';
import { InvalidRequest, MethodNotAllowed, RouteNotFound } from './errors.ts';
import { problemResponse, problemStatus, toApiError } from './problem.ts';
import { createFreeing, type CollectDead } from './deliver/freeing.ts';
import type { Reader } from './read/reader.ts';
import type { ApiApp, ApiEnv } from './routes/env.ts';
import { getMessage } from './routes/get-message.ts';
import { getRun } from './routes/get-run.ts';
import { getTrace } from './routes/get-trace.ts';
import { listRuns } from './routes/list-runs.ts';
import { lookupRuns } from './routes/lookup-runs.ts';
import { operations } from './routes/operations.ts';

/** What the application is made of. */
export interface AppOptions {
  reader: Reader;
  /** Stands before everything under `/api/`. */
  guard: Guard;
  /** Origins whose pages may call this API, exactly as browsers send them. None by default. */
  corsOrigins?: readonly string[];
  /** Gets what callers are not told. By default nobody. */
  logger?: Logger;
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** Keeps the memory of fast downloads low: {@link createCollectDead}. Nothing by default. */
  collectDead?: CollectDead;
}

const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Builds the API as a Hono application: a function from Request to Response, which needs no
 * socket. Routes of your own, such as a page at `/`, can be added to what it returns. Those under
 * `/api/` are behind the guard as well, and want `requirePermission` in front of their handler.
 */
export function createApp(options: AppOptions): ApiApp {
  const { reader, guard, corsOrigins = [], logger = silent, clock = Date.now } = options;
  const { collectDead = () => undefined } = options;
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new InvalidRequest(inWords(result.error.issues));
    },
  });

  app.use(
    secureHeaders(headersOfAll),
    methodNotAllowed({ app, onMethodNotAllowed: notThisMethod }),
  );
  app.use('/api/*', noStore, crossSite(corsOrigins), async (c, next) => {
    c.set('caller', await guard(c.req.raw));
    await next();
  });
  app.use(decodablePath);

  const deps = { reader, logger, clock, freeing: createFreeing(collectDead) };
  for (const addTo of [listRuns, lookupRuns, getTrace, getMessage, getRun, operations])
    addTo(app, deps);
  assertPermissions(app);

  app.notFound((c) => problemResponse(new RouteNotFound(), pathOf(c)));
  app.onError((thrown, c) => {
    const error = toApiError(thrown);
    // A client that left has ended its own query; nobody has to be told.
    if (problemStatus[error.code] >= 500 && !c.req.raw.signal.aborted) {
      // The route's pattern, not the path: a run id is a name that others chose.
      const fields = { err: error, method: c.req.method, route: routePath(c, -1) };
      logger.error(fields, 'A request failed');
    }
    return problemResponse(error, pathOf(c));
  });
  return app;
}

/**
 * What every answer has, unless its route says otherwise. Whether only TLS is spoken to a host
 * (Strict-Transport-Security) is for whoever ends TLS there to say.
 */
const headersOfAll: Parameters<typeof secureHeaders>[0] = {
  overwrite: false,
  strictTransportSecurity: false,
};

const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'private, no-store');
};

function notThisMethod(c: Context, methods: string[]): Response {
  return problemResponse(new MethodNotAllowed(methods.join(', ')), pathOf(c));
}

/** Hono passes malformed percent-encoding on as it is, which would look up a run of that name. */
const decodablePath: MiddlewareHandler = async (c, next) => {
  try {
    decodeURIComponent(pathOf(c));
  } catch (cause) {
    throw new InvalidRequest('The path is not valid percent-encoding of UTF-8.', { cause });
  }
  await next();
};

/** As it was sent, without the query. */
function pathOf(c: Context): string {
  return new URL(c.req.url).pathname;
}

/** Names what is wrong, part by part. */
function inWords(issues: ReadonlyArray<{ path: PropertyKey[]; message: string }>): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`)
    .join('; ');
}
