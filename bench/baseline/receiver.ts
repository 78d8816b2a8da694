/**
 * The simple receiver: decode everything with protobufjs, look for exceptions, insert each request's
 * rows as JSONEachRow with the text in the row. Arguments: the ClickHouse URL with its database.
 * Prints its port.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { createClient } from '@clickhouse/client';
import { DEFAULT_RUN_ID_ATTRIBUTES, extract } from '@failtrace/collector-plugin';
import { fullDecode } from '../../collector-plugin/testing/full-decode.ts';
import { otlpMessages } from '../../collector-plugin/testing/otlp-messages.ts';
import { simpleTable } from './tables.ts';

const client = createClient({ url: process.argv[2] ?? '' });
const { request: message } = otlpMessages();
const unpack = promisify(gunzip);

async function store(request: IncomingMessage): Promise<void> {
  const body = await unpack(Buffer.concat(await request.toArray()));
  const { failures } = extract(fullDecode(message, body, DEFAULT_RUN_ID_ATTRIBUTES), {
    nowMs: Date.now(),
  });
  await client.insert({
    table: simpleTable,
    format: 'JSONEachRow',
    values: failures.map((failure) => ({
      run_id: failure.runId.toString() || failure.traceId.toString('hex'),
      trace_id: failure.traceId.toString('hex'),
      span_id: failure.spanId.toString('hex'),
      service: failure.service.toString(),
      span_name: failure.spanName.toString(),
      occurred_at: Number(failure.occurredAt / 1_000_000_000n),
      error_type: failure.type.toString(),
      error_message: failure.message.toString(),
      stack_text: failure.stackText.toString(),
    })),
  });
}

const server = createServer((request, response) => {
  store(request).then(
    () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
    (error: unknown) => response.writeHead(503).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit(0));
