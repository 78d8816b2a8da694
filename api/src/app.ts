import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Guard } from './authorise/caller.ts';
import { InvalidRequest, MethodNotAllowed, RouteNotFound } from './errors.ts';
import { problemResponse, problemStatus, toApiError } from './problem.ts';
import type { Reader } from './read/reader.ts';
import { createCollectYoung } from './render/freeing.ts';
import type { ApiApp, ApiEnv, Logger } from './routes/env.ts';
import { getRun } from './routes/get-run.ts';
import { getTrace } from './routes/get-trace.ts';
import { listRuns } from './routes/list-runs.ts';
import { lookupRuns } from './routes/lookup-runs.ts';
import { operations } from './routes/operations.ts';

/** What the application is made of. */
export interface AppOptions {
  reader: Reader;
  guard: Guard;
  /** Origins whose pages may call this API, exactly as browsers send them. None by default. */
  corsOrigins?: readonly string[];
  /** Gets what callers are not told. By default nobody. */
  logger?: Logger;
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
}

/** Which methods the paths of this API answer. */
const methodsByPath: ReadonlyArray<[path: RegExp, allow: string]> = [
  [/^\/api\/runs\/lookup$/, 'GET, HEAD, POST'],
  [/^\/api\/runs(\/[^/]+(\/trace)?)?$/, 'GET, HEAD'],
  [/^\/(healthz|readyz|openapi\.json)$/, 'GET, HEAD'],
];

/**
 * Builds the API as a Hono application: a function from Request to Response, which needs no
 * socket. Routes of your own, such as a page at `/`, can be added to what it returns.
 */
export function createApp(options: AppOptions): ApiApp {
  const { reader, guard, corsOrigins = [], clock = Date.now } = options;
  const logger = options.logger ?? { error: () => undefined };
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new InvalidRequest(inWords(result.error.issues));
    },
  });

  app.use(noSniffing, decodablePath);
  app.use('/api/*', noStore);
  if (corsOrigins.length > 0) app.use('/api/*', crossOrigin(corsOrigins));
  app.use('/api/runs/*', async (c, next) => {
    c.set('caller', guard(c.req.raw));
    await next();
  });

  const deps = { reader, logger, clock, collectYoung: createCollectYoung() };
  for (const addRoute of [listRuns, lookupRuns, getTrace, getRun, operations]) addRoute(app, deps);

  app.notFound((c) => {
    const allow = methodsByPath.find(([path]) => path.test(c.req.path))?.[1];
    const error = allow === undefined ? new RouteNotFound() : new MethodNotAllowed(allow);
    return problemResponse(error, pathOf(c.req.url));
  });
  app.onError((thrown, c) => {
    const error = toApiError(thrown);
    // A client that left has ended its own query; nobody has to be told.
    if (problemStatus[error.code] >= 500 && !c.req.raw.signal.aborted) {
      logger.error(`${c.req.method} ${pathOf(c.req.url)}: ${error.message}`, error.cause ?? error);
    }
    return problemResponse(error, pathOf(c.req.url));
  });
  return app;
}

function crossOrigin(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-API-Key'],
    exposeHeaders: ['Content-Disposition', 'Content-Length', 'Retry-After'],
    maxAge: 600,
  });
}

const noSniffing: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('X-Content-Type-Options', 'nosniff');
};

const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'private, no-store');
};

/** Hono passes malformed percent-encoding on as it is, which would look up a run of that name. */
const decodablePath: MiddlewareHandler = async (c, next) => {
  try {
    decodeURIComponent(pathOf(c.req.url));
  } catch (cause) {
    throw new InvalidRequest('The path is not valid percent-encoding of UTF-8.', { cause });
  }
  await next();
};

function pathOf(url: string): string {
  return new URL(url).pathname;
}

/** Names what is wrong, part by part. */
function inWords(issues: ReadonlyArray<{ path: PropertyKey[]; message: string }>): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'body'}: ${message}`)
    .join('; ');
}
