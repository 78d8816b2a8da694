import { Agent, request as httpRequest } from 'node:http';
import { gzipSync, zstdCompressSync, constants } from 'node:zlib';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import { encodeBatch, usualBatch } from './spans.ts';

/** Bodies to send, all packed in the same way. */
export interface Load {
  coding: 'gzip' | 'zstd';
  bodies: readonly Buffer[];
  /** In each of the bodies. */
  spans: number;
}

/* The fastest level, as the exporters that pack at all take it, or one of the fastest. */
const packers = {
  gzip: (body: Buffer) => gzipSync(body, { level: 1 }),
  zstd: (body: Buffer) =>
    zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
} as const;

/** The usual batches, packed in each way. */
export function usualLoads(bodies: number): Record<Load['coding'], Load> {
  const { request } = otlpMessages();
  const plain = Array.from({ length: bodies }, () => encodeBatch(request, usualBatch));
  const load = (coding: Load['coding']): Load => ({
    coding,
    bodies: plain.map(packers[coding]),
    spans: usualBatch.spans,
  });
  return { gzip: load('gzip'), zstd: load('zstd') };
}

/** How many requests are sent, and by how many senders at once. */
interface Amount {
  requests: number;
  senders: number;
}

/**
 * Sends so many requests to a receiver of OTLP/HTTP, some at a time, each when one before is answered.
 *
 * @returns how many seconds it took
 * @throws when an answer is not 200
 */
export async function sendAll(url: string, load: Load, amount: Amount): Promise<number> {
  const start = performance.now();
  await timeAll(url, load, amount);
  return (performance.now() - start) / 1_000;
}

/** The same. @returns for each request the milliseconds until it was answered */
export async function timeAll(
  url: string,
  load: Load,
  { requests, senders }: Amount,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const times: number[] = [];
  let next = 0;
  const send = async () => {
    while (next < requests) {
      const body = load.bodies[next % load.bodies.length];
      next += 1;
      if (!body) continue;
      const start = performance.now();
      await post(agent, `${url}/v1/traces`, body, load.coding);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  agent.destroy();
  return times;
}

function post(agent: Agent, url: string, body: Buffer, coding: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': coding,
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume().once('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`${url} answered ${response.statusCode}`));
        });
      },
    );
    request.once('error', reject).end(body);
  });
}
