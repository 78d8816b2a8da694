import {
  attributeNames,
  decodeTracesProtobuf,
  DEFAULT_RUN_ID_ATTRIBUTES,
  extract,
} from '@failtrace/collector-plugin';
import { fullDecode } from '../collector-plugin/testing/full-decode.ts';
import { otlpMessages } from '../collector-plugin/testing/otlp-messages.ts';
import type { Row } from './report.ts';
import { encodeBatch, usualBatch } from './spans.ts';
import { median, timed } from './statistics.ts';

const WARM_UPS = 20;
const ROUNDS = 40;

/** Decoding a batch and extracting its failures, against a full decode with protobufjs. */
export async function benchDecode(): Promise<Row[]> {
  const { request } = otlpMessages();
  const names = attributeNames(DEFAULT_RUN_ID_ATTRIBUTES);
  const body = encodeBatch(request, usualBatch);
  const scan = () => extract(decodeTracesProtobuf(body, names));
  const full = () => extract(fullDecode(request, body, DEFAULT_RUN_ID_ATTRIBUTES));
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
  return [
    {
      what: `decode and extract ${usualBatch.spans.toLocaleString('en')} spans, 1 % failing`,
      failtrace: `${median(times.scan).toFixed(2)} ms`,
      baseline: `${median(times.full).toFixed(1)} ms`,
      result: `${ratio.toFixed(0)} times faster`,
      target: 'at least 50 times',
      reached: ratio >= 50,
    },
  ];
}
