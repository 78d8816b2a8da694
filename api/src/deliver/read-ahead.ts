/** As much is read before a response begins; a text of this size is verified by then. */
const readAheadBytes = 65_536;

/**
 * Reads the first bytes of a stream, and gives the whole stream back. What fails here can still be
 * answered with a status of its own; what fails later can only break the connection.
 */
export async function readAhead(
  source: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < readAheadBytes) {
    const { done, value } = await source.next();
    if (done) break;
    first.push(value);
    bytes += value.length;
  }
  return (async function* whole() {
    yield* first;
    yield* source;
  })();
}
