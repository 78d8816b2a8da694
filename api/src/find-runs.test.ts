import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPage, findRun, findRuns } from './find-runs.ts';
import type { FindContext, PageRequest } from './find-runs.ts';
import type { RunStatus } from '@failtrace/contract';
import { createReader } from './read/reader.ts';
import type { Reader } from './read/reader.ts';
import type { RunView } from './reconstruct/run-view.ts';
import { ago, createTestDatabase, failedRun, failure, runSpan } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

let database: TestDatabase;
let reader: Reader;

beforeAll(async () => {
  database = await createTestDatabase();
  reader = createReader(database.readClient);
});
afterAll(() => database.drop());

function context(scope: FindContext['scope'] = { namespaces: '*', services: '*' }): FindContext {
  return { reader, scope, now: Date.now(), signal: new AbortController().signal };
}

type Narrowing = Partial<PageRequest['filters']> & Partial<Omit<PageRequest, 'filters'>>;

function request({ since, until, after, limit, ...filters }: Narrowing): PageRequest {
  return {
    filters: { statuses: ['failed'], service: '', namespace: undefined, q: '', ...filters },
    since,
    until,
    after,
    limit: limit ?? 50,
  };
}

async function allPages(narrowing: Narrowing, scope?: FindContext['scope']): Promise<RunView[]> {
  const runs: RunView[] = [];
  let after: PageRequest['after'];
  do {
    const page = await findPage(request({ ...narrowing, after }), context(scope));
    expect(page.runs.length).toBeLessThanOrEqual(narrowing.limit ?? 50);
    runs.push(...page.runs);
    after = page.next;
  } while (after);
  return runs;
}

function hasWords(text: string, q: string): boolean {
  const words = (of: string) => of.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const present = new Set(words(text));
  return words(q).every((word) => present.has(word));
}

/** In a search a run stands where the failure does that was found. */
function byShownFailure(a: RunView, b: RunView): number {
  return Number(placeOf(b) - placeOf(a)) || (a.runId < b.runId ? 1 : -1);
}

function placeOf({ shown, endedAt }: RunView): bigint {
  if (!shown) return endedAt;
  return shown.spanEndedAt > shown.occurredAt ? shown.spanEndedAt : shown.occurredAt;
}

function ids(runs: RunView[]): string[] {
  return runs.map((run) => run.runId);
}

describe('findPage', () => {
  const namespace = 'paging';
  const statuses: RunStatus[] = ['failed', 'ok', 'unknown'];
  let expected: RunView[];

  // Runs of all kinds, from now back to months ago, several of them at the same moment; most with
  // an inner span that failed after or before the run ended, some with an earlier attempt.
  beforeAll(async () => {
    const failures = [];
    const runSpans = [];
    const names: string[] = [];
    for (let index = 0; index < 160; index += 1) {
      const age = index % 5 === 0 ? minute : 20_000 + Math.round(1.08 ** index * 1000);
      const runId = `page-${index}`;
      const shared = { runId, namespace, service: index % 2 ? 'odd' : 'even', endedAt: ago(age) };
      const own = { ...shared, traceId: randomBytes(16), spanId: randomBytes(8) };
      if (index % 7 === 6) {
        const handled = index % 2 === 0;
        const alone = failure({ ...own, runId: '', handled });
        failures.push(alone);
        names.push(alone.traceId.toString('hex'));
        continue;
      }
      names.push(runId);
      runSpans.push(runSpan({ ...own, status: index % 3 === 0 ? 1 : 2 }));
      failures.push(failure({ ...own, message: `message ${index}` }));
      const inner = { ...own, spanId: randomBytes(8), parentSpanId: own.spanId };
      const innerEnd = ago(age + (index % 4 === 0 ? -500 : 90_000));
      runSpans.push(runSpan({ ...inner, status: 2, endedAt: innerEnd }));
      if (index % 4 === 1) {
        const earlier = { ...shared, traceId: randomBytes(16), endedAt: ago(age * 3) };
        runSpans.push(runSpan({ ...earlier, status: 2 }));
      }
    }
    await database.write({ failures, runSpans });
    const found = await findRuns({ runIds: names }, 'summary', context());
    expected = [...found.values()]
      .flat()
      .toSorted((a, b) => Number(b.endedAt - a.endedAt) || (a.runId < b.runId ? 1 : -1));
  });

  it.each([
    ['one run a page', { limit: 1, statuses: ['failed'], since: ago(2 * minute) }],
    ['failed runs', { limit: 7, statuses: ['failed'] }],
    ['runs that went well', { limit: 9, statuses: ['ok'] }],
    ['runs of which nothing is known', { limit: 3, statuses: ['unknown'] }],
    ['all runs', { limit: 13, statuses }],
    ['all runs on one page', { limit: 500, statuses }],
    ['one service', { limit: 10, statuses, service: 'odd' }],
    ['no such service', { limit: 10, statuses, service: 'none' }],
    ['a search', { limit: 5, statuses, q: 'MESSAGE 1' }],
    ['a search', { limit: 5, statuses, q: 'not FOUND' }],
    ['a search by run id', { limit: 5, statuses, q: 'page-30' }],
    ['from a moment on', { limit: 10, statuses, since: ago(day) }],
    ['until a moment', { limit: 10, statuses, until: ago(day) }],
    ['between moments', { limit: 10, statuses, since: ago(2 * day), until: ago(10 * minute) }],
  ] satisfies Array<[string, Narrowing]>)(
    'lists every run once, newest first: %s',
    async (_, narrowing: Narrowing) => {
      const wanted = expected.filter(
        (run) =>
          narrowing.statuses?.includes(run.status) &&
          (!narrowing.service || run.service === narrowing.service) &&
          (!narrowing.q ||
            narrowing.q === run.runId ||
            hasWords(String(run.shown?.message), narrowing.q)) &&
          (!narrowing.since || run.endedAt >= narrowing.since) &&
          (!narrowing.until || run.endedAt < narrowing.until),
      );
      const sorted = narrowing.q ? wanted.toSorted(byShownFailure) : wanted;
      expect(ids(await allPages({ namespace, ...narrowing }))).toEqual(ids(sorted));
    },
  );

  it('finds both runs of a trace by what they both show, one a page', async () => {
    const trace = { traceId: randomBytes(16), namespace: 'nested' };
    const outer = randomBytes(8);
    await database.write({
      runSpans: [
        runSpan({ ...trace, spanId: outer, runId: 'outer-run' }),
        runSpan({ ...trace, parentSpanId: outer, runId: 'inner-run' }),
      ],
      failures: [failure({ ...trace, parentSpanId: outer, message: 'shared by both' })],
    });
    const found = await allPages({ namespace: 'nested', q: 'shared both', limit: 1 });
    expect(ids(found)).toEqual(['outer-run', 'inner-run']);
  });

  it('ends with a page that says so', async () => {
    const page = await findPage(request({ namespace, statuses, limit: 160 }), context());
    expect(page.runs).toHaveLength(160);
    expect(page.next).toBeUndefined();
  });

  it('keeps to the scope, page by page', async () => {
    const scope = { namespaces: [namespace], services: ['even'] };
    const runs = await allPages({ limit: 6, statuses }, scope);
    expect(ids(runs)).toEqual(ids(expected.filter((run) => run.service === 'even')));
    expect(await allPages({ statuses }, { namespaces: ['none'], services: '*' })).toEqual([]);
  });
});

describe('findRuns', () => {
  it('finds very many runs with long ids that have more rows than are taken at once', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `${'漢'.repeat(90)}-${index}`);
    await database.write({
      failures: [],
      runSpans: names.flatMap((runId) =>
        Array.from({ length: 5 }, () => runSpan({ runId, namespace: 'long ids' })),
      ),
    });
    const found = await findRuns({ runIds: names }, 'summary', context());
    expect(found.size).toBe(names.length);
  });
});

describe('findPage with huge messages', () => {
  const namespace = 'huge';
  const message = 'm'.repeat(3_000_000);

  it('reads only the beginning of each, and loses no run', async () => {
    for (let index = 0; index < 8; index += 1) {
      const run = { namespace, message: `${index} ${message}`, stackText: '' };
      await database.write(failedRun(`huge-${index}`, run));
    }
    const page = await findPage(request({ namespace }), context());
    expect(page.runs).toHaveLength(8);
    expect(page.runs.map(({ shown }) => shown?.messageBytes)).toEqual(Array(8).fill(3_000_002));
    expect(page.runs.map(({ shown }) => shown?.message.length)).toEqual(Array(8).fill(8192));
  });

  it('ends a page early rather than show more of them than fit', async () => {
    const runs = Array.from({ length: 130 }, (_, index) =>
      failedRun(`many-${index}`, {
        namespace: 'many',
        message: `${index} ${'m'.repeat(70_000)}`,
        stackText: '',
      }),
    );
    for (const run of runs) await database.write(run);
    const first = await findPage(request({ namespace: 'many', limit: 500 }), context());
    expect(first.runs.length).toBeLessThan(130);
    expect(new Set(ids(await allPages({ namespace: 'many', limit: 500 }))).size).toBe(130);
  });

  it('tells the others whole where one run has more rows than may be read', async () => {
    const flooded = failedRun('flooded', { namespace: 'flood' });
    await database.write(flooded);
    const quiet = [0, 1, 2].map((index) => failedRun(`quiet-${index}`, { namespace: 'flood' }));
    for (const run of quiet) await database.write(run);
    await database.client.command({
      query: `INSERT INTO run_records
        SELECT f.* REPLACE (toFixedString(unhex(leftPad(hex(n.number + 1), 16, '0')), 8) AS span_id,
          hex(toUInt64(n.number)) AS error_message, 16 AS message_bytes)
        FROM run_records AS f CROSS JOIN numbers(6000) AS n WHERE f.run_id = 'flooded'`,
    });
    const page = await findPage(request({ namespace: 'flood' }), context());
    expect(page.next).toBeUndefined();
    expect(Object.fromEntries(page.runs.map((run) => [run.runId, run.incomplete]))).toEqual({
      flooded: true,
      'quiet-0': false,
      'quiet-1': false,
      'quiet-2': false,
    });
    const { run } = await findRun('flooded', undefined, context());
    expect(run.incomplete).toBe(true);
    expect(run.attempts[0]?.failures.length).toBeGreaterThan(500);
  });
});

describe('a run with more failures than may be read', () => {
  it('keeps apart what differs in a cut value alone, and counts what came twice once', async () => {
    const shared = { traceId: randomBytes(16), spanId: randomBytes(8), occurredAt: ago(60_000) };
    const failures = Array.from({ length: 600 }, (_, index) =>
      failure({ ...shared, message: 'gone', stackText: `E: gone\n  at x\nitem ${1000 + index}` }),
    );
    const runSpans = [runSpan({ ...shared, runId: 'values' })];
    for (const copy of [1, 2, 3, 4]) {
      await database.write({ failures, runSpans: copy === 1 ? runSpans : [] });
    }
    const { run } = await findRun('values', undefined, context());
    expect(run.attempts[0]?.failures).toHaveLength(600);
    expect(run.incomplete).toBe(false);
  });
});

describe('findPage where very many share a moment', () => {
  const namespace = 'moment';
  const statuses: RunStatus[] = ['failed'];

  // More than are read at once, of each kind, and some older ones.
  beforeAll(async () => {
    const endedAt = ago(minute);
    const own = () => ({ namespace, endedAt, traceId: randomBytes(16), spanId: randomBytes(8) });
    const named = Array.from({ length: 230 }, (_, index) =>
      failedRun(`5-${index}`, { ...own(), message: 'flamingo' }),
    );
    const bare = Array.from({ length: 210 }, () => own());
    const older = [1, 2].map((index) =>
      failedRun(`older-${index}`, { namespace, endedAt: ago(2 * minute), message: 'flamingo' }),
    );
    for (const run of [...named, ...older]) await database.write(run);
    await database.write({
      failures: bare.map((span) => failure({ ...span, message: 'flamingo' })),
      runSpans: bare.map((span) => runSpan({ ...span, runId: span.traceId.toString('hex') })),
    });
  });

  it.each([
    ['the list', { limit: 100 }, 442],
    ['the list, in large pages', { limit: 500 }, 442],
    ['a search', { limit: 100, q: 'flamingo' }, 442],
    ['a search, in small pages', { limit: 30, q: 'flamingo' }, 442],
  ])('loses none of them, and ends: %s', async (_, narrowing, count) => {
    const runs = await allPages({ namespace, statuses, ...narrowing });
    expect(runs).toHaveLength(count);
    expect(new Set(ids(runs)).size).toBe(count);
  });

  it('looks many of them up at once', async () => {
    const runs = await allPages({ namespace, statuses, limit: 500 });
    const found = await findRuns({ runIds: ids(runs) }, 'summary', context());
    const told = [...found.values()].flat();
    expect(told.every(({ status, incomplete }) => status === 'failed' && !incomplete)).toBe(true);
    expect(told).toHaveLength(442);
  });
});

describe('findPage with hostile traces', () => {
  it('finds the words of others beside a trace that names thousands of runs', async () => {
    const traceId = randomBytes(16);
    const endedAt = ago(30_000);
    await database.write({
      runSpans: Array.from({ length: 3000 }, (_, index) =>
        runSpan({ namespace: 'evil', traceId, endedAt, runId: `evil-${index}` }),
      ),
      failures: Array.from({ length: 190 }, () =>
        failure({ namespace: 'evil', traceId, endedAt, message: 'pelican' }),
      ),
    });
    for (let index = 0; index < 5; index += 1) {
      const trace = { namespace: 'good', traceId: randomBytes(16), endedAt: ago(20_000 + index) };
      await database.write({
        runSpans: [runSpan({ ...trace, runId: `good-${index}` })],
        failures: [failure({ ...trace, message: 'pelican' })],
      });
    }
    const runs = await allPages({ namespace: 'good', q: 'pelican' });
    expect(ids(runs).toSorted()).toEqual(['good-0', 'good-1', 'good-2', 'good-3', 'good-4']);
  });

  it('shows what the run itself failed with, though thousands below it ended later', async () => {
    const trace = { namespace: 'late', traceId: randomBytes(16) };
    const root = { ...trace, runId: 'late', spanId: randomBytes(8), endedAt: ago(40_000) };
    await database.write({
      runSpans: [runSpan(root)],
      failures: [
        failure({ ...root, message: 'the root' }),
        ...Array.from({ length: 2500 }, (_, index) =>
          failure({
            ...trace,
            parentSpanId: root.spanId,
            endedAt: ago(30_000),
            message: `${index}`,
          }),
        ),
      ],
    });
    const { run } = await findRun('late', undefined, context());
    expect(String(run.shown?.message)).toBe('the root');
    const [listed] = await allPages({ namespace: 'late' });
    expect(String(listed?.shown?.message)).toBe('the root');
  });

  it('tells traces apart whose ids end alike', async () => {
    const runs = Array.from({ length: 2_500 }, (_, index) =>
      failedRun(`zero-${index}`, {
        namespace: 'zeros',
        traceId: Buffer.concat([randomBytes(8), Buffer.alloc(8)]),
      }),
    );
    await database.write({
      failures: runs.flatMap(({ failures }) => failures),
      runSpans: runs.flatMap(({ runSpans }) => runSpans),
    });
    const { run } = await findRun('zero-0', undefined, context());
    expect([run.shown?.errorType, run.incomplete]).toEqual(['OrderError', false]);
  });
});

describe('findPage at the ends of time', () => {
  it.each([
    ['since before the first second', { since: -86_400_000_000_000n }],
    ['until after the last', { until: 253_402_300_799_000_000_000n }],
  ])('takes %s', async (_, narrowing) => {
    const { runs } = await findPage(request({ namespace: 'paging', ...narrowing }), context());
    expect(runs.length).toBeGreaterThan(0);
  });

  it('has nothing until before the first second', async () => {
    const narrowing = { namespace: 'paging', until: -1n };
    expect(await findPage(request(narrowing), context())).toEqual({ runs: [], next: undefined });
  });
});

describe('findPage with hostile filters', () => {
  it.each([`'`, `' OR 1=1 --`, `\\`, `{q:String}`, '%', '_', '\u0000', '💥'])(
    'takes %j for nothing but text',
    async (text) => {
      for (const filter of ['service', 'namespace', 'q'] as const) {
        expect((await findPage(request({ [filter]: text }), context())).runs).toEqual([]);
      }
      const scope = { namespaces: [text], services: [text] };
      expect((await findPage(request({}), context(scope))).runs).toEqual([]);
    },
  );
});
