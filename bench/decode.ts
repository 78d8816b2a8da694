import {
  attributeNames,
  decoders,
  DEFAULT_RUN_ID_ATTRIBUTES,
  extract,
  spanMatters,
  type DecodedTraces,
  type MessageEncoding,
} from '@failtrace/collector-plugin';
import type protobuf from 'protobufjs';
import { fullDecodeJson } from '../collector-plugin/testing/full-decode-json.ts';
import { fullDecode } from '../collector-plugin/testing/full-decode.ts';
import { asOtlpJson } from '../collector-plugin/testing/otlp-json.ts';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import type { Row } from './report.ts';
import { encodeBatch, usualBatch } from './spans.ts';
import { median, timed } from './statistics.ts';

const WARM_UPS = 20;
const ROUNDS = 40;

/** One encoding, and the simple way to decode it. */
interface Contest {
  encoding: MessageEncoding;
  body: Buffer;
  decodeFully: (body: Buffer) => DecodedTraces;
  /** How many times faster the scanner must be. */
  target: number;
}

/** Decoding a batch and extracting its failures, against a full decode: protobufjs, `JSON.parse`. */
export async function benchDecode(): Promise<Row[]> {
  const { request } = otlpMessages();
  const body = encodeBatch(request, usualBatch);
  const rows: Row[] = [];
  for (const contest of contestsOf(request, body)) rows.push(await rowOf(contest));
  return rows;
}

function contestsOf(request: protobuf.Type, body: Buffer): Contest[] {
  return [
    {
      encoding: 'protobuf',
      body,
      decodeFully: (bytes) => fullDecode(request, bytes, DEFAULT_RUN_ID_ATTRIBUTES),
      target: 50,
    },
    {
      encoding: 'json',
      body: Buffer.from(JSON.stringify(asOtlpJson(request, body))),
      decodeFully: (bytes) => fullDecodeJson(bytes, DEFAULT_RUN_ID_ATTRIBUTES, JSON.parse),
      target: 2,
    },
  ];
}

async function rowOf({ encoding, body, decodeFully, target }: Contest): Promise<Row> {
  const options = { runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES), keep: spanMatters };
  const now = { nowMs: Date.now() };
  const scan = () => extract(decoders.traces[encoding](body, options), now);
  const full = () => extract(decodeFully(body), now);
  if (scan().failures.length !== full().failures.length) throw new Error('the results differ');

  for (let round = 0; round < WARM_UPS; round += 1) {
    scan();
    full();
  }
  const times = { scan: [] as number[], full: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.scan.push(await timed(scan));
    times.full.push(await timed(full));
  }
  const ratio = median(times.full) / median(times.scan);
  const name = { protobuf: 'decode and extract', json: 'the same in JSON:' }[encoding];
  return {
    what: `${name} ${usualBatch.spans.toLocaleString('en')} spans, 1 % failing`,
    failtrace: `${median(times.scan).toFixed(2)} ms`,
    baseline: `${median(times.full).toFixed(1)} ms`,
    result: `${ratio.toFixed(1)} times faster`,
    target: `at least ${target} times`,
    reached: ratio >= target,
  };
}
