/** ClickHouse takes no parameter of more than 128 KiB, counted as it stands in the URL. */
const maxEncodedLength = 100_000;

/** The most that a byte of an id becomes: a quote, escaped and URL-encoded, is `%5C%27`. */
const encodedLengthOfByte = 6;

/** Splits run ids so that each batch fits into one query parameter. */
export function idBatches(runIds: readonly string[]): string[][] {
  const batches: string[][] = [[]];
  let length = 0;
  for (const runId of runIds) {
    const encoded = (Buffer.byteLength(runId) + `'',`.length) * encodedLengthOfByte;
    if (length + encoded > maxEncodedLength && length > 0) {
      batches.push([]);
      length = 0;
    }
    length += encoded;
    batches.at(-1)?.push(runId);
  }
  return batches;
}
