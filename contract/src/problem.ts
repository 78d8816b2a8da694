import type { TraceReason } from './run.ts';

/** Every `code` of a problem document. A code never changes its meaning. */
export const PROBLEM_CODES = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'run_not_found',
  'ambiguous_run',
  'trace_not_available',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'too_many_requests',
  'internal',
  'storage_unavailable',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** An error as the API tells it: `application/problem+json` of RFC 9457, with a stable `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** The path of the request, without its query. */
  readonly instance: string;
  /** Only with `trace_not_available`. */
  readonly reason?: TraceReason | undefined;
  /** Only with `ambiguous_run`: what `?namespace=` may pick. */
  readonly namespaces?: readonly string[] | undefined;
}
