import type { ClickHouseSettings } from '@clickhouse/client';
import { recordSecondSql, tables } from '@failtrace/collector-plugin/schema';
import { endOfTime } from './candidates.ts';
import type { CandidateRows, RowPosition, Stretch } from './candidates.ts';
import type { Nanoseconds } from './rows.ts';
import { scopeCondition, scopeParams } from './scope.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';

/** One kind of the records that a list looks at. */
export interface RecordKind<Row extends RowPosition> {
  /** SQL for the id by which those of one moment stand in the list. */
  id: string;
  /** SQL for what is read of each. */
  columns: string;
  decode: Select<Row>['decode'];
  /** SQL for which they are, and its parameters. */
  condition: string;
  params: Record<string, unknown>;
  settings: ClickHouseSettings;
}

/** Which records of a stretch are asked for, and how they are sorted. */
interface RecordOrder {
  condition: string;
  orderBy: string;
  params: Record<string, unknown>;
}

/** So many records of a kind at once; several may speak of one run. */
const recordsAtOnce = 200;

/** The order of the table, from its end: only then are the first records read and no others. */
const newestFirst: RecordOrder = {
  condition: 'true',
  orderBy: `${recordSecondSql} DESC, at DESC`,
  params: {},
};

/** The records of one moment, by their ids: the table has no such order, so these are read to be sorted. */
function ofOneMoment(moment: Nanoseconds, id: string): RecordOrder {
  return {
    condition: `${recordSecondSql} = {moment_second:UInt64}
      AND at = fromUnixTimestamp64Nano({moment:Int64}, 'UTC')`,
    orderBy: `${id} DESC`,
    params: { moment, moment_second: secondOf(moment) },
  };
}

/**
 * The newest records of a kind in a stretch of the list. Where they end at their limit, those that share
 * the moment of the last may not be all of them, so the records can be relied on above that moment alone;
 * and where there is no other moment, its records are asked for again, sorted by their ids.
 */
export async function newestRecords<Row extends RowPosition>(
  ask: (query: Select<Row>) => Promise<Row[]>,
  kind: RecordKind<Row>,
  scope: Scope,
  stretch: Stretch,
): Promise<CandidateRows & { rows: Row[] }> {
  const rows = await ask(newestRecordsQuery(kind, scope, stretch));
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (rows.length < recordsAtOnce || !first || !last) return { rows, floor: undefined };
  if (first.endedAt !== last.endedAt) {
    return { rows, floor: { endedAt: last.endedAt + 1n, runId: '' } };
  }
  const order = ofOneMoment(last.endedAt, kind.id);
  const ofMoment = await ask(newestRecordsQuery(kind, scope, stretch, order));
  const lowest = ofMoment.length < recordsAtOnce ? undefined : ofMoment.at(-1);
  return { rows: ofMoment, floor: lowest ?? { endedAt: last.endedAt, runId: '' } };
}

/** A query for those records of a kind that come first in an order. */
export function newestRecordsQuery<Row extends RowPosition>(
  { id, columns, decode, condition, params, settings }: RecordKind<Row>,
  scope: Scope,
  stretch: Stretch,
  order = newestFirst,
): Select<Row> {
  return {
    sql: `
      SELECT ${columns}
      FROM ${tables.runRecords}
      WHERE ${inStretch(stretch, id)}
        AND ${order.condition}
        AND expires_at > now()
        AND ${condition}
        AND ${scopeCondition(scope)}
      ORDER BY ${order.orderBy}
      LIMIT {limit:UInt32}`,
    params: {
      limit: recordsAtOnce,
      ...stretchParams(stretch),
      ...order.params,
      ...params,
      ...scopeParams(scope),
    },
    settings,
    decode,
  };
}

/**
 * The seconds say the same as the moments, in the words of the table's order. At the lower end they say
 * enough, since what lies below a stretch is passed over. Of the place at the upper end the other namespaces
 * of the same id may be still to come, unless it is a floor, which lies below all of them.
 */
function inStretch({ before }: Stretch, id: string): string {
  const isFromTheEnd = before.endedAt === endOfTime.endedAt;
  const end = `fromUnixTimestamp64Nano({to:Int64}, 'UTC')`;
  return `${recordSecondSql} >= {from_second:UInt64} ${
    isFromTheEnd
      ? ''
      : `AND ${recordSecondSql} <= {to_second:UInt64}
    AND at <= ${end} AND (
      at < ${end}
      OR ${id} < {to_run_id:String}
      OR ({to_namespace:String} != '' AND ${id} = {to_run_id:String})
    )`
  }`;
}

function stretchParams({ from, before }: Stretch): Record<string, unknown> {
  return {
    from_second: secondOf(from),
    to: before.endedAt,
    to_second: secondOf(before.endedAt),
    to_run_id: before.runId,
    to_namespace: before.namespace,
  };
}

const nanosecondsOfSecond = 1_000_000_000n;

/** The second in which a moment lies, since the Unix epoch. */
export function secondOf(moment: Nanoseconds): bigint {
  return moment / nanosecondsOfSecond;
}
