import { randomBytes } from 'node:crypto';
import {
  attributeNames,
  decoders,
  DEFAULT_RUN_ID_ATTRIBUTES,
  extractLogs,
} from '@failtrace/collector-plugin';
import type protobuf from 'protobufjs';
import { fullDecodeLogs } from '../collector-plugin/testing/full-decode-logs.ts';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import type { Row } from './report.ts';
import { attribute, exceptionEvent, usualBatch } from './spans.ts';
import { median, timed } from './statistics.ts';

const ROUNDS = 40;
const WARM_UPS = 20;
const LEAST_RATIO = 50;
const START = 1_790_000_000_000_000_000n;

/** Decoding a batch of log records and extracting its failures, against a full decode by protobufjs. */
export async function benchDecodeLogs(): Promise<Row[]> {
  const { logsRequest } = otlpMessages();
  const body = encodeLogs(logsRequest);
  const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: () => false };
  const now = { nowMs: Date.now() };
  const scan = () => extractLogs(decoders.logs.protobuf(body, options), now);
  const full = () => extractLogs(fullDecodeLogs(logsRequest, body, DEFAULT_RUN_ID_ATTRIBUTES), now);
  if (scan().failures.length !== full().failures.length) throw new Error('the results differ');
  const times = { scan: [] as number[], full: [] as number[] };
  for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
    const [scanned, decoded] = [await timed(scan), await timed(full)];
    if (round < 0) continue;
    times.scan.push(scanned);
    times.full.push(decoded);
  }
  const ratio = median(times.full) / median(times.scan);
  return [
    {
      what: `decode and extract ${usualBatch.spans.toLocaleString('en')} log records, 1 % with an exception`,
      failtrace: `${median(times.scan).toFixed(2)} ms`,
      baseline: `${median(times.full).toFixed(1)} ms`,
      result: `${ratio.toFixed(1)} times faster`,
      target: `at least ${LEAST_RATIO} times`,
      reached: ratio >= LEAST_RATIO,
    },
  ];
}

/** As many log records as the usual batch has spans, of five attributes each. */
function encodeLogs(request: protobuf.Type): Buffer {
  const log_records = Array.from({ length: usualBatch.spans }, (_, index) => record(index));
  const resource = { attributes: [attribute('service.name', 'orders')] };
  return Buffer.from(
    request.encode({ resource_logs: [{ resource, scope_logs: [{ log_records }] }] }).finish(),
  );
}

const frames = Array.from(
  { length: 40 },
  (_, line) => `    at handle${line} (/srv/app/module-${line}.js:${line}:17)`,
);

function record(index: number): object {
  const failing = index % usualBatch.oneFailingIn === usualBatch.oneFailingIn >> 1;
  const time = START + BigInt(index) * 1_000_000n;
  const message = `Order ${index} not found`;
  const type = 'OrderNotFoundError';
  const { attributes } = exceptionEvent(time, {
    type,
    message,
    stackText: `${type}: ${message}\n${frames.join('\n')}`,
  }) as { attributes: object[] };
  return {
    time_unix_nano: String(time),
    observed_time_unix_nano: String(time),
    severity_number: failing ? 17 : 9,
    severity_text: Buffer.from(failing ? 'ERROR' : 'INFO'),
    body: {
      string_value: Buffer.from(`GET /api/orders/${index} answered ${failing ? 500 : 200} in 5 ms`),
    },
    attributes: [
      attribute('code.file.path', '/srv/app/orders/handler.js'),
      attribute('code.function.name', 'handle'),
      { key: Buffer.from('code.line.number'), value: { int_value: 120 } },
      attribute('thread.name', 'worker-7'),
      attribute('http.route', '/api/orders/:id'),
      ...(failing ? attributes : []),
    ],
    trace_id: randomBytes(16),
    span_id: randomBytes(8),
  };
}
