/** The content codings that trace texts come in. */
export type ContentCoding = 'identity' | 'gzip';

/**
 * Chooses the coding of a response from the request's `Accept-Encoding` (RFC 9110, 12.5.3).
 *
 * gzip is chosen when it is asked for, by name or by `*`, and no less wanted than identity
 * explicitly is; where the two are wanted equally, identity wins, because it has a length.
 */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding {
  const weights = new Map(
    (acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .map((item) => item.split(';').map((part) => part.trim()))
      .map(([coding = '', ...parameters]) => [coding, weightOf(parameters)] as const),
  );
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  const identity = weights.get('identity') ?? 0;
  return gzip > identity ? 'gzip' : 'identity';
}

/** A `q` of 0 to 1; what is no number at all counts as 0, so that nothing is sent unasked. */
function weightOf(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  if (q === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0;
}
