import { SECONDS_PER_DAY, stackTextExpiry } from '@failtrace/contract';
import {
  columnDefinitions,
  columnNames,
  recordColumns,
  recordKeyColumns,
} from '../store/columns.ts';
import { traceKeySql } from '../store/record-key.ts';
import { ROW_MESSAGE_BYTES, STACK_TEXT_CHUNK_BYTES, tables } from '../store/schema.ts';
import { qualified } from '../store/table-statements.ts';
import {
  cutUpstreamSql,
  formSql,
  headlessSql,
  kinshipSql,
  noId,
  textNameSql,
} from './sql-values.ts';

/** What `attach` makes beside the tables that are there. */
export const attached = {
  /** What the exporter's rows come to, on its way; keeps nothing. */
  records: 'attached_records',
  toRecords: 'attached_to_run_records',
  toKeys: 'attached_to_record_keys',
  toTexts: 'attached_to_stack_texts',
  fromTraces: 'attached_from_traces',
  fromLogs: 'attached_from_logs',
} as const;

/** The names of a failure's own columns on the way, and the whole texts that a row of `run_records` has not. */
const wayColumns = () => `${columnDefinitions(recordColumns)}, stack String, whole_message String`;

/** A view, and what its rows go into. */
export interface View {
  name: string;
  to: string;
  select: string;
}

export const createWay = (database: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(database, attached.records)} (${wayColumns()}) ENGINE = Null`;

/** A row for {@link attached}.records out of what `records-sql.ts` gives, with when it goes. */
export function storedRecords(records: string, retentionMs: number): string {
  const retention = Math.floor(retentionMs / 1_000);
  const together = Math.max(3_600, Math.floor(retention / 10));
  const moment = (nanoseconds: string) => `fromUnixTimestamp64Nano(${nanoseconds}, 'UTC')`;
  return `SELECT
    ${moment('greatest(ended, occurred)')} AS at, trace_id, span_id, parent_span_id, run_id, namespace, service, span_name,
    greatest(ended, occurred) - ended AS ended_before, greatest(ended, occurred) - started AS started_before,
    greatest(ended, occurred) - occurred AS occurred_before, names_run, status, source, handled, outcome,
    ${headlessSql('stack', 'message', 'error_type')} AS headless, stack != '' AND ${cutUpstreamSql('stack')} AS cut_upstream,
    0 AS dropped_events, error_type, substring(message, 1, ${ROW_MESSAGE_BYTES}) AS error_message,
    length(message) AS message_bytes,
    if(message_bytes > ${ROW_MESSAGE_BYTES}, ${textNameSql('message', `unhex('0000')`)}, ${noId(16)}) AS message_hash,
    if(stack != '', ${textNameSql('stack', kinshipSql('stack'))}, ${noId(16)}) AS text_hash,
    ${formSql('stack')} AS template_form, emptyArrayString() AS cuts,
    now('UTC') + ${retention} AS expires_at,
    toDateTime(intDiv(toUnixTimestamp(expires_at) + ${together - 1}, ${together}) * ${together}, 'UTC') AS dropped_at,
    stack, message AS whole_message
  FROM (${records})`;
}

/** The views that spread what comes along over failtrace's own tables. */
export function viewsToStore(database: string): View[] {
  const from = `FROM ${qualified(database, attached.records)}`;
  const key = (values: readonly string[]) => `tuple(${values.join(', ')})`;
  const keys = `arrayJoin(arrayConcat(
      [${key([traceKeySql, 'toUInt32(0)'])}],
      if(run_id = '', [], [${key(['reinterpretAsUInt32(substring(SHA256(run_id), 1, 4))', traceKeySql])}])
    )) AS pair`;
  const day = SECONDS_PER_DAY;
  const grace = stackTextExpiry(0) / day;
  return [
    {
      name: attached.toRecords,
      to: tables.runRecords,
      select: `SELECT ${columnNames(recordColumns)} ${from}`,
    },
    {
      name: attached.toKeys,
      to: tables.recordKeys,
      select: `SELECT ${columnNames(recordKeyColumns)} FROM (
        SELECT ${keys}, pair.1 AS key, namespace, service, pair.2 AS trace_key, toUnixTimestamp(at) AS second, dropped_at ${from})`,
    },
    {
      name: attached.toTexts,
      to: tables.stackTexts,
      select: `SELECT text.1 AS text_hash, chunk,
          substring(text.2, chunk * ${STACK_TEXT_CHUNK_BYTES} + 1, ${STACK_TEXT_CHUNK_BYTES}) AS content,
          toDateTime((intDiv(toUnixTimestamp(expires), ${day}) + ${grace}) * ${day}, 'UTC') AS expires_at
        FROM (
          SELECT text, expires, arrayJoin(range(toUInt32(ceil(length(text.2) / ${STACK_TEXT_CHUNK_BYTES})))) AS chunk FROM (
            SELECT arrayJoin(arrayFilter(one -> one.2 != '', [
              (text_hash, stack), (message_hash, if(message_bytes > ${ROW_MESSAGE_BYTES}, whole_message, ''))
            ])) AS text, expires_at AS expires ${from}
          )
        )`,
    },
  ];
}
