/** An OTel span's status code: 0 unset, 1 ok, 2 error. */
export type SpanStatusCode = 0 | 1 | 2;

export const STATUS_OK = 1;
export const STATUS_ERROR = 2;

/** A code that the specification does not know is no status that was set. */
export function asSpanStatusCode(code: number): SpanStatusCode {
  return code === STATUS_OK || code === STATUS_ERROR ? code : 0;
}
