import { ReceiveError, type ReceiveErrorCode } from '../errors.ts';

/** How an error is told to the sender. */
export interface ErrorStatus {
  /** The HTTP status. OTLP/HTTP: 429, 502, 503 and 504 may be tried again, all else must not. */
  http: number;
  /** A code of google.rpc.Code. */
  grpc: number;
  /** Seconds, for `Retry-After`. */
  retryAfter?: number;
}

const statuses: Record<ReceiveErrorCode, ErrorStatus> = {
  not_found: { http: 404, grpc: 12 },
  method_not_allowed: { http: 405, grpc: 12 },
  unsupported_media_type: { http: 415, grpc: 3 },
  unsupported_content_encoding: { http: 415, grpc: 3 },
  body_too_large: { http: 413, grpc: 3 },
  malformed_body: { http: 400, grpc: 3 },
  request_aborted: { http: 400, grpc: 1 },
  overloaded: { http: 429, grpc: 8, retryAfter: 5 },
  storage_unavailable: { http: 503, grpc: 14, retryAfter: 5 },
};

/** Anything that is no ReceiveError is a fault of this program; trying again may help. */
const fault: ErrorStatus = { http: 503, grpc: 13, retryAfter: 30 };

/** The one place where an error becomes a status. */
export function statusOf(error: unknown): ErrorStatus {
  return error instanceof ReceiveError ? statuses[error.code] : fault;
}
