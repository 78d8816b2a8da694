import { STATUS_CODES } from 'node:http';
import type { Problem, ProblemCode } from '@failtrace/contract';
import { HTTPException } from 'hono/http-exception';
import {
  AmbiguousRun,
  ApiError,
  InternalError,
  InvalidRequest,
  MethodNotAllowed,
  PayloadTooLarge,
  TraceNotAvailable,
  UnsupportedMediaType,
} from './errors.ts';

/** The one table from error code to HTTP status. */
export const problemStatus = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  run_not_found: 404,
  ambiguous_run: 409,
  trace_not_available: 404,
  not_found: 404,
  method_not_allowed: 405,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  storage_unavailable: 503,
} as const satisfies Record<ProblemCode, number>;

/** Seconds after which a caller may try again when ClickHouse did not answer. */
const retryAfterSeconds = '5';

const extraHeaders: Partial<Record<ProblemCode, Record<string, string>>> = {
  unauthenticated: { 'WWW-Authenticate': 'Bearer realm="failtrace"' },
  storage_unavailable: { 'Retry-After': retryAfterSeconds },
};

/** Hono and its validators throw these; each has one of our codes. */
const fromHono: Record<number, (message: string, options: ErrorOptions) => ApiError> = {
  400: (message, options) => new InvalidRequest(message, options),
  413: (message, options) => new PayloadTooLarge(message, options),
  415: (_, options) => new UnsupportedMediaType('Send Content-Type: application/json.', options),
};

/** Turns whatever was thrown into one of the errors that callers know. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof HTTPException) {
    const known = fromHono[thrown.status];
    if (known) return known(`${thrown.message}.`, { cause: thrown });
  }
  return new InternalError({ cause: thrown });
}

/**
 * Builds the `application/problem+json` response for an error (RFC 9457).
 *
 * @param instance the path of the request
 */
export function problemResponse(error: ApiError, instance: string): Response {
  const status = problemStatus[error.code];
  const body: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? '',
    status,
    detail: error.message,
    code: error.code,
    instance,
    ...(error instanceof TraceNotAvailable && { reason: error.reason }),
    ...(error instanceof AmbiguousRun && { namespaces: error.namespaces }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...extraHeaders[error.code],
      ...(error instanceof MethodNotAllowed && { Allow: error.allow }),
    },
  });
}
