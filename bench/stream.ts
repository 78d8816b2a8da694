import { get } from 'node:http';
import { createClient } from '@clickhouse/client';
import { createStore } from '@failtrace/collector-plugin';
import { simpleTable } from './baseline/tables.ts';
import { failedRun } from './failures.ts';
import { memoryOf, resetPeak, startProcess, type ServerProcess } from './processes.ts';
import type { Row } from './report.ts';
import { median } from './statistics.ts';

const TEXT_BYTES = 100_000_000;
const ROUNDS = 5;
const WARM_UPS = 5;
const RUN_ID = 'run_100_mb';
const SMALL_RUN_ID = 'run_small';

/** Downloading a trace text of 100 MB, against the simple API that reads it as JSON. */
export async function benchStream(
  databaseUrl: string,
  startApi: () => Promise<ServerProcess>,
): Promise<Row[]> {
  await insertText(databaseUrl);
  const failtrace = await startApi();
  const baseline = await startProcess('./baseline/api.ts', [databaseUrl]);
  try {
    // The first requests pay for the connection and for compiling; neither server is judged by them.
    for (const server of [failtrace, baseline]) {
      for (let count = 0; count < WARM_UPS; count += 1) {
        await download(`${server.url}/api/runs/${SMALL_RUN_ID}/trace`);
      }
    }
    const measured = { failtrace: await measure(failtrace), baseline: await measure(baseline) };
    const sooner = measured.baseline.firstByteMs / measured.failtrace.firstByteMs;
    return [
      {
        what: 'a trace text of 100 MB, first byte',
        failtrace: `${measured.failtrace.firstByteMs.toFixed(1)} ms`,
        baseline: `${measured.baseline.firstByteMs.toFixed(0)} ms`,
        result: `${sooner.toFixed(0)} times sooner`,
        target: 'at least 20 times',
        reached: sooner >= 20,
      },
      {
        what: 'the same, memory over idle at its peak',
        failtrace: `${measured.failtrace.overIdleMb.toFixed(0)} MB`,
        baseline: `${measured.baseline.overIdleMb.toFixed(0)} MB`,
        result: `${measured.failtrace.overIdleMb.toFixed(0)} MB`,
        target: 'at most 64 MB',
        reached: measured.failtrace.overIdleMb <= 64,
      },
    ];
  } finally {
    await failtrace.stop();
    await baseline.stop();
  }
}

async function insertText(databaseUrl: string): Promise<void> {
  const frames = Array.from(
    { length: 1_700_000 },
    (_, index) =>
      `    at frame${index} (/srv/app/dist/deep/recursion-${index % 977}.js:${index}:7)\n`,
  ).join('');
  const message = 'Maximum call stack size exceeded';
  const whole = `RangeError: ${message}\n${frames}`.slice(0, TEXT_BYTES);
  const texts = { [RUN_ID]: whole, [SMALL_RUN_ID]: whole.slice(0, 2_000) };

  const client = createClient({ url: databaseUrl });
  const store = createStore({ client, retentionMs: 86_400_000 });
  for (const [runId, text] of Object.entries(texts)) {
    const { failure, runSpan } = failedRun(runId, { message, stackText: Buffer.from(text) });
    await store.write({
      failures: [failure],
      runSpans: [runSpan],
      rejected: { spans: 0, message: '' },
    });
    await client.insert({
      table: simpleTable,
      format: 'JSONEachRow',
      values: [{ run_id: runId, trace_id: 'x', span_id: 'x', stack_text: text }],
    });
  }
  await store.close();
  await client.close();
}

async function measure(server: {
  url: string;
  pid: number;
}): Promise<{ firstByteMs: number; overIdleMb: number }> {
  const idleMb = memoryOf(server.pid).nowMb;
  resetPeak(server.pid);
  const firstBytes: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { firstByteMs, bytes } = await download(
      `${server.url}/api/runs/${RUN_ID}/trace?full=true`,
    );
    if (bytes !== TEXT_BYTES) throw new Error(`got ${bytes} bytes of ${TEXT_BYTES}`);
    firstBytes.push(firstByteMs);
  }
  return { firstByteMs: median(firstBytes), overIdleMb: memoryOf(server.pid).peakMb - idleMb };
}

function download(url: string): Promise<{ firstByteMs: number; bytes: number }> {
  const start = performance.now();
  let firstByteMs = Number.NaN;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      response.on('data', (chunk: Buffer) => {
        if (bytes === 0) firstByteMs = performance.now() - start;
        bytes += chunk.length;
      });
      response.once('end', () => resolve({ firstByteMs, bytes }));
      response.once('error', reject);
    }).once('error', reject);
  });
}
