import { isIdSql, isNamedSql, labelSql, noId, runIdSql, timeSql } from './sql-values.ts';

/** What the views are told beside the tables. */
export interface ExtractSqlOptions {
  /** The attributes that may carry a run id, the preferred one first. */
  runIdAttributes: readonly string[];
}

/** OpenTelemetry's `SEVERITY_NUMBER_ERROR`. */
const SEVERITY_ERROR = 17;
/** As `isHandledBySeverity` has them. */
const BELOW_ERROR =
  '^(trace|debug|verbose|fine(r|st)?|config|info(rmation(al)?)?|notice|warn(ing)?)[0-9]?$';

/**
 * What both give: one row for each record, with the whole stack and message. `row` is source, time of the
 * exception, handled, outcome, type, message, stack, and whether it names the run.
 */
const asRecords = (spans: string) => `
SELECT
  trace_id, span_id, parent_span_id, namespace, service, span_name, started, ended, status,
  row.1 AS source, row.2 AS occurred, row.3 AS handled, row.4 AS outcome, row.5 AS error_type,
  row.6 AS message, row.7 AS stack, row.8 AS names_run,
  if(names_run AND run = lower(hex(trace_id)), '', run) AS run_id
FROM (${spans}) ARRAY JOIN rows AS row`;

const exceptionOf = (attributes: string) => `
  ${labelSql(`${attributes}['exception.type']`)} AS type,
  ${attributes}['exception.message'] AS message,
  ${attributes}['exception.stacktrace'] AS stack`;

/** The records of the spans in a table of the Collector's exporter, as `extract` makes them. */
export function recordsOfTraces(table: string, { runIdAttributes }: ExtractSqlOptions): string {
  const type = labelSql(`e.3['exception.type']`);
  return asRecords(`
  SELECT *,
    arrayMap(e -> (
      if(toUnixTimestamp64Nano(e.1) = 0, ended, ${timeSql('toUnixTimestamp64Nano(e.1)')}),
      lower(e.3['exception.escaped']) = 'true' OR (toUnixTimestamp64Nano(e.1) > raw_ended AND span_status != 'ok'),
      ${type}, e.3['exception.message'], e.3['exception.stacktrace']
    ), events) AS exceptions,
    multiIf(arrayExists(e -> e.2, exceptions), 'error', span_status) AS status,
    own_run != '' OR resource_run != '' AND (is_root OR notEmpty(events))
      OR is_root AND (notEmpty(events) OR status = 'error') AS is_run,
    if(is_run, arrayFirstIndex(e -> e.1 <= ended, exceptions), 0) AS speaks,
    arrayConcat(
      arrayMap((e, place) -> (
        'span_event', e.1, span_status != 'error' AND NOT e.2, ${isNamedSql('StatusMessage', 'e.4')},
        e.3, e.4, e.5, place = speaks
      ), exceptions, arrayEnumerate(exceptions)),
      multiIf(
        NOT is_run OR speaks > 0, [],
        status = 'error' AND empty(events), [('span_status', ended, false, true, '', StatusMessage, '', true)],
        [('none', ended, false, false, '', '', '', true)]
      )
    ) AS rows
  FROM (
    SELECT
      unhex(TraceId) AS trace_id, unhex(SpanId) AS span_id,
      NOT ${isIdSql('ParentSpanId', 8)} AS is_root,
      if(is_root, ${noId(8)}, unhex(ParentSpanId)) AS parent_span_id,
      ${labelSql(`ResourceAttributes['service.namespace']`)} AS namespace,
      ${labelSql(`ResourceAttributes['service.name']`)} AS service,
      ${labelSql('toString(SpanName)')} AS span_name,
      toUnixTimestamp64Nano(Timestamp) + toInt64(Duration) AS raw_ended,
      ${timeSql('toUnixTimestamp64Nano(Timestamp)')} AS started,
      ${timeSql('raw_ended')} AS ended,
      multiIf(endsWith(lower(StatusCode), 'error'), 'error', endsWith(lower(StatusCode), 'ok'), 'ok', 'unset') AS span_status,
      StatusMessage,
      ${runIdSql('SpanAttributes', runIdAttributes)} AS own_run,
      ${runIdSql('ResourceAttributes', runIdAttributes)} AS resource_run,
      if(own_run != '', own_run, resource_run) AS run,
      arrayFilter(e -> e.2 = 'exception', arrayZip(\`Events.Timestamp\`, \`Events.Name\`, \`Events.Attributes\`)) AS events
    FROM ${table}
    WHERE ${isIdSql('TraceId', 16)} AND ${isIdSql('SpanId', 8)}
  )`);
}

/**
 * The records of the log records in a table of the Collector's exporter that tell of an exception. One without a
 * trace gets ids that follow from what it says.
 *
 * @param eventName the column of its event name, where the table has one
 */
export function recordsOfLogs(
  table: string,
  eventName: string | undefined,
  { runIdAttributes }: ExtractSqlOptions,
): string {
  const event = eventName ?? `LogAttributes['event.name']`;
  return asRecords(`
  SELECT
    if(${isIdSql('TraceId', 16)}, unhex(TraceId), substring(said, 1, 16)) AS trace_id,
    if(${isIdSql('TraceId', 16)} AND ${isIdSql('SpanId', 8)}, unhex(SpanId), ${noId(8)}) AS span_id,
    ${noId(8)} AS parent_span_id, namespace, service,
    '' AS span_name, started, started AS ended, 'unset' AS status, run,
    [('log_record', started, handled, false, type, whole_message, stack, false)] AS rows
  FROM (
    SELECT
      TraceId, SpanId,
      lower(LogAttributes['exception.escaped']) != 'true' AND if(SeverityNumber > 0,
        SeverityNumber < ${SEVERITY_ERROR},
        match(lower(trimBoth(toString(SeverityText))), '${BELOW_ERROR}')) AS handled,
      ${labelSql(`ResourceAttributes['service.namespace']`)} AS namespace,
      ${labelSql(`ResourceAttributes['service.name']`)} AS service,
      ${timeSql('toUnixTimestamp64Nano(Timestamp)')} AS started,
      ${runIdSql('LogAttributes', runIdAttributes)} AS own_run,
      ${runIdSql('ResourceAttributes', runIdAttributes)} AS resource_run,
      if(own_run != '', own_run, resource_run) AS run,
      ${exceptionOf('LogAttributes')},
      if(message != '', message, Body) AS whole_message,
      SHA256(concat(toString(started), arrayStringConcat(arrayMap(
        part -> concat(' ', toString(length(part)), ' ', part), [namespace, service, type, whole_message, stack]
      )))) AS said
    FROM ${table}
    WHERE type != '' OR message != '' OR stack != '' OR match(${event}, '(^|\\\\.)exception$')
  )`);
}
