/** So many bytes are copied sooner one by one than by a call of `Buffer.copy`, which takes 0.1 µs. */
const FEW_BYTES = 48;

/** Copies a part of a buffer into another one. */
export function copyBytes(
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  targetFrom: number,
): void {
  if (to - from > FEW_BYTES) {
    source.copy(target, targetFrom, from, to);
    return;
  }
  const distance = targetFrom - from;
  for (let at = from; at < to; at += 1) target[at + distance] = source[at] ?? 0;
}
