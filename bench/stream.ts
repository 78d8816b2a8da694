import { get } from 'node:http';
import { createClient } from '@clickhouse/client';
import { createStore } from '@failtrace/collector-plugin';
import { bareClient, type BareClient } from './bare-download.ts';
import { simpleTable } from './baseline/tables.ts';
import { failedRun } from './failures.ts';
import { memoryOf, resetPeak, startProcess, type ServerProcess } from './processes.ts';
import type { Row } from './report.ts';
import { median } from './statistics.ts';

const TEXT_BYTES = 100_000_000;
const ROUNDS = 5;
const WARM_UPS = 5;
/** Both sides are asked so many times in turn. */
const SPEED_ROUNDS = 15;
/** Rounds before that, for compiling. */
const SPEED_WARM_UPS = 10;
const AT_ONCE = 16;
const RUN_ID = 'run_100_mb';
const SMALL_RUN_ID = 'run_small';

/** Downloading a trace text of 100 MB, against the simple API that reads it as JSON, and ClickHouse itself. */
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
    const together = await memoryOfMany(failtrace, measured.failtrace.idleMb);
    const client = await bareClient();
    const speed = await compareSpeed(client, databaseUrl, failtrace);
    const ratio = median(speed.failtrace) / median(speed.clickhouse);
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
      {
        what: `${AT_ONCE} of them at once, memory over idle at its peak`,
        failtrace: `${together.toFixed(0)} MB`,
        baseline: `${measured.baseline.overIdleMb.toFixed(0)} MB for one alone`,
        result: `${together.toFixed(0)} MB`,
        target: 'at most 48 MB',
        reached: together <= 48,
      },
      {
        what: `100 MB download, bytes a second, against ${client.name} on ClickHouse itself`,
        failtrace: `${(median(speed.failtrace) / 1e6).toFixed(0)} MB/s`,
        baseline: `${(median(speed.clickhouse) / 1e6).toFixed(0)} MB/s`,
        result: `${ratio.toFixed(2)} times`,
        target: 'at least 0.7 times',
        reached: ratio >= 0.7,
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
      rejected: { items: 0, message: '' },
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

/** What one server took for one download after the other. */
interface Measured {
  firstByteMs: number;
  /** Resident memory before the first of them. */
  idleMb: number;
  overIdleMb: number;
}

async function measure(server: ServerProcess): Promise<Measured> {
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
  return {
    firstByteMs: median(firstBytes),
    idleMb,
    overIdleMb: memoryOf(server.pid).peakMb - idleMb,
  };
}

/** MB over what was idle before any download. */
async function memoryOfMany(server: ServerProcess, idleMb: number): Promise<number> {
  resetPeak(server.pid);
  const url = `${server.url}/api/runs/${RUN_ID}/trace`;
  const downloads = await Promise.all(Array.from({ length: AT_ONCE }, () => download(url)));
  const whole = downloads.filter(({ bytes }) => bytes === TEXT_BYTES).length;
  if (whole !== AT_ONCE) throw new Error(`${whole} of ${AT_ONCE} downloads were whole`);
  return memoryOf(server.pid).peakMb - idleMb;
}

/** Bytes a second of the API, and of ClickHouse when it is asked for the same chunks, in turn. */
async function compareSpeed(
  client: BareClient,
  databaseUrl: string,
  failtrace: ServerProcess,
): Promise<{ failtrace: number[]; clickhouse: number[] }> {
  const { pathname, origin, username, password } = new URL(databaseUrl);
  const clickhouse = new URL(`${origin}/?database=${pathname.slice(1)}`);
  Object.assign(clickhouse, { username, password });
  const text = await storedText(databaseUrl);
  const asked = {
    failtrace: { url: `${failtrace.url}/api/runs/${RUN_ID}/trace` },
    clickhouse: {
      url: clickhouse.href,
      body: `SELECT content FROM stack_texts WHERE ${text.condition} ORDER BY chunk FORMAT RawBLOB`,
    },
  };
  const expected = { failtrace: TEXT_BYTES, clickhouse: text.bytes };
  const speeds: { failtrace: number[]; clickhouse: number[] } = { failtrace: [], clickhouse: [] };
  for (let round = -SPEED_WARM_UPS; round < SPEED_ROUNDS; round += 1) {
    for (const side of ['clickhouse', 'failtrace'] as const) {
      const { bytes, bytesPerSecond } = await client.download(asked[side]);
      if (bytes !== expected[side]) throw new Error(`${side}: ${bytes} bytes`);
      if (round >= 0) speeds[side].push(bytesPerSecond);
    }
  }
  return speeds;
}

/** Which chunks are those of the large text: it is the longest of all that are stored. */
async function storedText(databaseUrl: string): Promise<{ condition: string; bytes: number }> {
  const client = createClient({ url: databaseUrl });
  const result = await client.query({
    query: `SELECT hex(text_hash) AS hash, sum(length(content))::Float64 AS bytes
      FROM stack_texts GROUP BY text_hash ORDER BY bytes DESC LIMIT 1`,
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ hash: string; bytes: number }>();
  await client.close();
  if (!row || row.bytes < TEXT_BYTES * 0.99) throw new Error('the text is not stored');
  return { condition: `text_hash = unhex('${row.hash}')`, bytes: row.bytes };
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
