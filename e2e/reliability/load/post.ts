import { request, type Agent } from 'node:http';
import type { Body } from './bodies.ts';

/** What became of one attempt to send a body. */
export type Outcome =
  | { kind: 'acknowledged' }
  /** OTLP lets it be sent again, after so many milliseconds where the answer says so. */
  | { kind: 'again'; answer: string; afterMs: number | undefined }
  /** OTLP makes a sender drop it. */
  | { kind: 'dropped'; answer: string };

const RETRYABLE = new Set([429, 502, 503, 504]);

/** Sends a body once, as an OTLP/HTTP exporter does; it waits at most so long for the whole answer. */
export function post(
  { url, agent, timeoutMs }: { url: string; agent: Agent; timeoutMs: number },
  { headers, bytes }: Body,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const again = (answer: string, afterMs?: number) => resolve({ kind: 'again', answer, afterMs });
    const sending = request(
      `${url}/v1/traces`,
      {
        agent,
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', (error: NodeJS.ErrnoException) => again(codeOf(error)));
        response.once('end', () => {
          const status = response.statusCode ?? 0;
          const said = Buffer.concat(chunks);
          if (status === 200 && !isRejection(said)) return resolve({ kind: 'acknowledged' });
          const answer = status === 200 ? `200 with ${said.toString('latin1')}` : String(status);
          if (!RETRYABLE.has(status)) return resolve({ kind: 'dropped', answer });
          const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
          return again(answer, Number.isNaN(seconds) ? undefined : seconds * 1_000);
        });
      },
    );
    sending.once('error', (error: NodeJS.ErrnoException) => again(codeOf(error)));
    sending.end(bytes);
  });
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.name === 'AbortError' || error.name === 'TimeoutError'
    ? 'no answer in time'
    : (error.code ?? error.name);
}

/**
 * Whether a part was rejected. An answer may also have a remark alone: in JSON without `rejectedSpans`, in
 * protobuf without field 1 (0x08) at the head of `partial_success`, which is field 1 (0x0a) of the answer.
 */
function isRejection(said: Buffer): boolean {
  if (said[0] === 0x7b) return /"rejectedSpans":"?[1-9]/.test(said.toString());
  return said[0] === 0x0a && said[2] === 0x08;
}
