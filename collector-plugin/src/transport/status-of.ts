import { ReceiveError, type ReceiveErrorCode } from '../errors.ts';

/** How an error is told to the sender. */
export interface ErrorStatus {
  /** The HTTP status. OTLP/HTTP: 429, 502, 503 and 504 may be tried again, all else must not. */
  http: number;
  /** A code of google.rpc.Code. */
  grpc: number;
  /** Seconds after which the sender may try again, for `Retry-After`. */
  retryAfter?: number;
  /** Somebody should look at it: it is not the sender's doing. */
  isFault?: true;
}

const statuses: Record<ReceiveErrorCode, ErrorStatus> = {
  not_found: { http: 404, grpc: 12 },
  method_not_allowed: { http: 405, grpc: 12 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  unsupported_media_type: { http: 415, grpc: 3 },
  unsupported_content_encoding: { http: 415, grpc: 3 },
  body_too_large: { http: 413, grpc: 3 },
  // Not 408: OTLP lets a sender drop what was answered so, and the network may be better in a moment.
  body_too_slow: { http: 503, grpc: 14, retryAfter: 5 },
  malformed_body: { http: 400, grpc: 3 },
  request_aborted: { http: 400, grpc: 1 },
  overloaded: { http: 429, grpc: 8, retryAfter: 5 },
  not_ready: { http: 503, grpc: 14, retryAfter: 5 },
  worker_ended: { http: 503, grpc: 14, retryAfter: 5 },
  storage_unavailable: { http: 503, grpc: 14, retryAfter: 5, isFault: true },
};

/** Anything that is no ReceiveError is a fault of this program; trying again may help. */
const fault: ErrorStatus = { http: 503, grpc: 14, retryAfter: 30, isFault: true };

/** The one place where an error becomes a status. */
export function statusOf(error: unknown): ErrorStatus {
  return error instanceof ReceiveError ? statuses[error.code] : fault;
}
