import { buffer } from 'node:stream/consumers';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, failedRun, failure } from '../testing/database.ts';
import type { TestDatabase } from '../testing/database.ts';
import { candidateRecords, namedAmongQuery } from './candidate-records.ts';
import type { RowPosition, RunFilters } from './candidates.ts';
import { firstChunksQuery, messageHeadsQuery } from './first-chunks.ts';
import { storedTextsQueries } from './stored-texts.ts';
import { foundFailures, runsOfTracesQuery } from './found-failures.ts';
import { newestRecordsQuery } from './newest-records.ts';
import type { RecordKind } from './newest-records.ts';
import { createReader } from './reader.ts';
import type { Reader } from './reader.ts';
import {
  anyRecordsQueries,
  failureCountsQuery,
  firstFailuresQuery,
  firstSpansQuery,
  namedTracesQuery,
} from './records.ts';
import type { FailureRow } from './rows.ts';
import type { Scope } from './scope.ts';

const everything: Scope = { namespaces: '*', services: '*' };
const shopOnly: Scope = { namespaces: ['shop'], services: ['orders'] };

/** The tables that hold what somebody recorded; texts are found through them. */
const recordedTables = /\bFROM (?:run_records|record_keys)\b/g;
const scopeOfNamespaces = /namespace IN \{scope_namespaces:Array\(String\)\}/g;
const scopeOfServices = /service IN \{scope_services:Array\(String\)\}/g;

const message = `the vault of bank is open ${'x'.repeat(20_000)}`;
const filters: RunFilters = {
  statuses: ['failed', 'ok', 'unknown'],
  service: '',
  namespace: undefined,
  q: 'vault',
};
const stretch = {
  from: 0n,
  before: { endedAt: 9_000_000_000_000_000_000n, runId: '', namespace: '' },
  limit: 100,
};

let database: TestDatabase;
let reader: Reader;
let queries: string[] = [];
let hidden: FailureRow;
let bareTrace: string;

beforeAll(async () => {
  database = await createTestDatabase();
  reader = createReader(recording(database.readClient));
  await database.write(failedRun('secret', { namespace: 'bank', message }));
  const bare = failure({ namespace: 'bank', message, stackText: '' });
  await database.write({ failures: [bare] });
  bareTrace = bare.traceId.toString('hex');
  const rows = await reader.runRows({ runIds: ['secret'] }, everything, 'whole');
  hidden = rows.failures[0] as FailureRow;
});
afterAll(() => database.drop());
beforeEach(() => {
  queries = [];
});

/** The real client, whose queries can be read afterwards. */
function recording(client: ClickHouseClient): ClickHouseClient {
  return new Proxy(client, {
    get(target, name: keyof ClickHouseClient) {
      if (name !== 'exec') return target[name];
      const exec: ClickHouseClient['exec'] = (options: Parameters<ClickHouseClient['exec']>[0]) => {
        queries.push(options.query);
        return target.exec(options);
      };
      return exec;
    },
  });
}

/** What each method answers, asked for what stands in the namespace `bank`; '' for nothing. */
const asked: Record<Exclude<keyof Reader, 'ready'>, (scope: Scope) => Promise<string>> = {
  async runRows(scope) {
    const rows = await reader.runRows({ runIds: ['secret', bareTrace] }, scope, 'whole');
    return [...rows.spans, ...rows.failures, ...rows.namedTraces.keys()].length > 0 ? 'rows' : '';
  },
  async candidates(scope) {
    return (await reader.candidates(filters, scope, stretch)).runIds.join(',');
  },
  async firstChunks(scope) {
    return [...(await reader.firstChunks({ runIds: ['secret'] }, scope)).keys()].join(',');
  },
  async messageHeads(scope) {
    return [...(await reader.messageHeads([hidden], scope)).keys()].join(',');
  },
  async storedTexts(scope) {
    return [...(await reader.storedTexts([hidden], scope))].join(',');
  },
  async stackText(scope) {
    const { textHash, traceId, expiresAt } = hidden;
    const ref = { textHash, traceId, failureExpiresAt: expiresAt };
    return String(await buffer(reader.stackText(ref, scope)));
  },
};

describe.each(Object.keys(asked) as (keyof typeof asked)[])('the reader’s %s', (method) => {
  it('tells a caller in scope, and nobody else', async () => {
    expect(await asked[method](everything)).not.toBe('');
    expect(await asked[method](shopOnly)).toBe('');
  });

  it('puts the scope on every table that its queries read', async () => {
    await asked[method](shopOnly);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const reads = query.match(recordedTables)?.length ?? 0;
      expect(reads).toBeGreaterThan(0);
      expect(query.match(scopeOfNamespaces)?.length).toBe(reads);
      expect(query.match(scopeOfServices)?.length).toBe(reads);
    }
  });
});

// `ready` reads the names of tables and no data.
it('walks every method that the reader has', () => {
  expect(Object.keys(reader).toSorted()).toEqual([...Object.keys(asked), 'ready'].toSorted());
});

/** Each query in each form that it has, whether or not so few rows as above bring it up. */
const depths = ['summary', 'whole'] as const;
const questions = [
  { runIds: ['secret'] },
  { runIds: ['secret', 'a'.repeat(32)], namespace: 'bank' },
] as const;
const everyFilter: RunFilters[] = ['', 'vault'].flatMap((q) =>
  [undefined, 'bank'].map((namespace) => ({ ...filters, q, namespace, service: namespace ?? '' })),
);
function newest<Row extends RowPosition>(
  name: string,
  kind: RecordKind<Row> | undefined,
): [string, string | undefined] {
  return [name, kind && newestRecordsQuery(kind, shopOnly, stretch).sql];
}
const aText = { textHash: 'f'.repeat(32), traceId: 'a'.repeat(32), expiresAt: 0 };
const forms: [name: string, sql: string | undefined][] = [
  ...questions.flatMap((question): [string, string | undefined][] => [
    ...anyRecordsQueries({ ...question, traceIds: ['b'.repeat(32)] }, shopOnly).map(
      ({ sql }): [string, string] => ['any records', sql],
    ),
    ['first chunks', firstChunksQuery(question, shopOnly).sql],
    ['named traces', namedTracesQuery(['a'.repeat(32)], shopOnly)?.sql],
    ...depths.flatMap((depth): [string, string][] => [
      [`first spans, ${depth}`, firstSpansQuery(question, shopOnly, depth).sql],
      [`first failures, ${depth}`, firstFailuresQuery(question, shopOnly, depth, 'exact').sql],
      [`first failures, ${depth}`, firstFailuresQuery(question, shopOnly, depth, 'narrow').sql],
    ]),
    ['counts of failures', failureCountsQuery(question, shopOnly, 'exact').sql],
  ]),
  [
    'named among',
    namedAmongQuery([{ runId: 'a', traceId: 'a', namesRun: false, endedAt: 1n }], shopOnly)?.sql,
  ],
  ['runs of traces', runsOfTracesQuery(['a'.repeat(32)], shopOnly).sql],
  ...everyFilter.flatMap((filter): [string, string | undefined][] => [
    ...(filter.q === '' ? [] : [newest('found failures', foundFailures(filter))]),
    newest('candidate records', candidateRecords(filter)),
  ]),
  ['stored texts', storedTextsQueries([aText], shopOnly)[0]?.sql],
  ['heads of messages', messageHeadsQuery([], shopOnly).sql],
];

it.each(forms)('the scope stands on every table of the query for %s', (_, sql = '') => {
  const reads = sql.match(recordedTables)?.length ?? 0;
  expect(reads).toBeGreaterThan(0);
  expect(sql.match(scopeOfNamespaces)?.length).toBe(reads);
  expect(sql.match(scopeOfServices)?.length).toBe(reads);
});
