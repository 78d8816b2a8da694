import { connect, type ClientHttp2Session } from 'node:http2';
import { cpuSecondsOf } from './cpu.ts';
import { sendAll, usualLoads, type Load } from './load.ts';
import { startProcess } from './processes.ts';
import type { Row } from './report.ts';
import { median } from './statistics.ts';

const BODIES = 8;
const SENDERS = 10;
const ROUNDS = 5;
const REQUESTS = 80;
const MOST = 1.3;

/** CPU that a span costs the receiver over gRPC, against the same requests over HTTP, in turns at one process. */
export async function benchGrpc(databaseUrl: string): Promise<Row[]> {
  const { gzip } = usualLoads(BODIES);
  const receiver = await startProcess('../collector-plugin/src/main.ts', [], {
    CLICKHOUSE_URL: databaseUrl,
    FAILTRACE_OTLP_PORT: '0',
    FAILTRACE_OTLP_GRPC_PORT: '0',
    FAILTRACE_RECEIVER_WORKERS: '1',
  });
  const grpcUrl = /OTLP\/gRPC on (\S+)/.exec(receiver.lines[0] ?? '')?.[1] ?? '';
  const ways = {
    http: () => sendAll(receiver.url, gzip, { requests: REQUESTS, senders: SENDERS }),
    grpc: () => sendAllByGrpc(grpcUrl, gzip),
  };
  const costs = { http: [] as number[], grpc: [] as number[] };
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const way of ['http', 'grpc'] as const) {
        const before = cpuSecondsOf([receiver.pid]);
        await ways[way]();
        const seconds = cpuSecondsOf([receiver.pid]) - before;
        // The first round is for warming up.
        if (round > 0) costs[way].push((seconds * 1e6) / (REQUESTS * gzip.spans));
      }
    }
  } finally {
    await receiver.stop();
  }
  const ratio = median(costs.grpc) / median(costs.http);
  return [
    {
      what: 'CPU of a million spans in the receiver, over gRPC, gzip',
      failtrace: `${median(costs.grpc).toFixed(2)} s`,
      baseline: `${median(costs.http).toFixed(2)} s, over HTTP`,
      result: `${ratio.toFixed(2)} times`,
      target: `at most ${MOST} times`,
      reached: ratio <= MOST,
    },
  ];
}

async function sendAllByGrpc(url: string, { coding, bodies }: Load): Promise<void> {
  const session = connect(url);
  let next = 0;
  const send = async () => {
    while (next < REQUESTS) {
      const body = bodies[next % bodies.length];
      next += 1;
      if (body) await call(session, body, coding);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  session.close();
}

function call(session: ClientHttp2Session, message: Buffer, coding: string): Promise<void> {
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
      'grpc-encoding': coding,
      te: 'trailers',
    });
    stream.once('error', reject);
    stream.once('trailers', (trailers) => {
      if (trailers['grpc-status'] === '0') resolve();
      else reject(new Error(`gRPC answered ${String(trailers['grpc-status'])}`));
    });
    stream.resume();
    stream.end(Buffer.concat([prefix, message]));
  });
}
