/** A worker that decodes one body in the heap that it was given, and answers with what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from '../src/decode/attribute-names.ts';
import { decoders, type MessageEncoding } from '../src/decode/decoders.ts';
import { extract } from '../src/extract/extract.ts';
import { spanMatters } from '../src/extract/span-rule.ts';

const { body, encoding } = workerData as { body: ArrayBuffer; encoding: MessageEncoding };
const decoded = decoders.traces[encoding](Buffer.from(body), {
  runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES),
  keep: spanMatters,
});
const { failures, runSpans, rejected } = extract(decoded, { nowMs: Date.now() });
const outcome = {
  spans: decoded.spanCount,
  accounted: decoded.spans.length + rejected.items,
  records: failures.length + runSpans.length,
};
parentPort?.postMessage(outcome, []);
