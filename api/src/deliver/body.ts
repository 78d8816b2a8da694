import { TraceTextBroken } from '../errors.ts';

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/**
 * Opens a response body over a stream of bytes. An error of the stream errors the body, which
 * tears down the connection: a client must never see a clean end. Bytes are asked for one chunk
 * at a time, when the client has room for them.
 *
 * @param open starts the stream; its signal is aborted when nobody reads on
 * @param clientSignal aborted when the client has gone
 * @param onBroken hears why a body broke off; not called when the client left
 */
export async function openBody(
  open: (signal: AbortSignal) => Promise<Bytes>,
  clientSignal: AbortSignal,
  onBroken: (cause: unknown) => void,
): Promise<ReadableStream<Uint8Array>> {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([clientSignal, cancelled.signal]);
  const source = await open(signal);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (cause) {
          if (!signal.aborted) onBroken(cause);
          throw new TraceTextBroken('The trace text broke off.');
        }
      },
      async cancel() {
        cancelled.abort();
        await source.return();
      },
    },
    { highWaterMark: 0 },
  );
}
