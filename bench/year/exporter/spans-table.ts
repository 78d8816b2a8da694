import { patientClient } from '../fill.ts';
import type { Stretch } from '../runs.ts';
import { failedSpans } from '../tables.ts';
import { stackTexts } from '../vocabulary.ts';

const STACKS = 1_000;

/** The exporter's tables that grow with spans; it names them so where nothing else is set. */
export const exporterTables: readonly string[] = ['otel_traces', 'otel_traces_trace_id_ts'];

/**
 * What the exporter's own documentation asks for the spans of a trace: first when the trace was, by the
 * table of trace ids, then the spans of that time. Here with all that a failure trace is made of.
 */
export const spansOfTrace = `
  WITH
    {trace:String} AS trace_id,
    (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = trace_id) AS start,
    (SELECT max(End) + 1 FROM otel_traces_trace_id_ts WHERE TraceId = trace_id) AS end
  SELECT Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, Duration,
    StatusCode, StatusMessage, SpanAttributes, ResourceAttributes,
    Events.Timestamp, Events.Name, Events.Attributes
  FROM otel_traces
  WHERE TraceId = trace_id AND Timestamp >= start AND Timestamp <= end`;

/** A span that failed as the exporter would store it, out of the names of `failedSpans`. */
const asExported = (source: string) => `
  INSERT INTO otel_traces (
    Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes,
    ScopeName, SpanAttributes, Duration, StatusCode, StatusMessage,
    Events.Timestamp, Events.Name, Events.Attributes
  )
  SELECT started, trace, span, parent, name, 'Server', service_name,
    map(
      'service.name', service_name, 'service.namespace', namespace_name, 'service.version', '1.4.2',
      'host.name', concat(service_name, '-7c9f'), 'telemetry.sdk.language', 'nodejs'
    ),
    'orders',
    mapFilter((key, value) -> value != '', map(
      'run.id', run, 'http.request.method', 'POST', 'http.route', '/api/orders',
      'http.response.status_code', '500', 'server.address', 'orders.internal'
    )),
    toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started), 'Error', message,
    [occurred], ['exception'],
    [map(
      'exception.type', type, 'exception.message', message,
      'exception.stacktrace', concat(type, ': ', message, frames)
    )]
  FROM (${source}) AS failed
  INNER JOIN stacks ON stacks.number = cityHash64(trace) % ${STACKS}`;

/**
 * Fills the exporter's tables with each failure of a failtrace database as the span that failed. In SQL,
 * stretch by stretch as the failures came; the stacks are of the same kind and number as there.
 */
export async function fillSpans(
  url: string,
  { from, to }: { from: string; to: string },
  stretches: readonly Stretch[],
): Promise<void> {
  const client = patientClient(url, to);
  try {
    await client.command({
      query:
        'CREATE TABLE stacks (number UInt16, frames String) ENGINE = MergeTree ORDER BY number',
    });
    await client.insert({
      table: 'stacks',
      format: 'JSONEachRow',
      values: stackTexts(STACKS).map(({ afterMessage }, number) => ({
        number,
        frames: afterMessage.toString(),
      })),
    });
    for (const { fromMs, untilMs } of stretches) {
      await client.command({
        query: asExported(failedSpans(from)),
        query_params: { from: Math.floor(fromMs), until: Math.floor(untilMs) },
      });
    }
  } finally {
    await client.close();
  }
}
