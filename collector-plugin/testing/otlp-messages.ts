import protobuf from 'protobufjs';

/**
 * The messages of OTLP's trace and logs services, as a descriptor for protobufjs: the full decode that the
 * scanner is compared with, in tests and in the bench. Strings are declared as bytes, which look the
 * same on the wire, so that a comparison is exact for text that is not UTF-8 too.
 */
export function otlpMessages(): {
  request: protobuf.Type;
  logsRequest: protobuf.Type;
  span: protobuf.Type;
} {
  const field = (id: number, type: string, rule?: 'repeated') => ({
    id,
    type,
    ...(rule && { rule }),
  });
  const message = (
    fields: Record<string, { id: number; type: string }>,
    oneofs?: Record<string, { oneof: string[] }>,
  ) => ({ fields, ...(oneofs && { oneofs }) });

  const anyValueFields = {
    string_value: field(1, 'bytes'),
    bool_value: field(2, 'bool'),
    int_value: field(3, 'int64'),
    double_value: field(4, 'double'),
    array_value: field(5, 'ArrayValue'),
    kvlist_value: field(6, 'KeyValueList'),
    bytes_value: field(7, 'bytes'),
  };
  const root = protobuf.Root.fromJSON({
    nested: {
      AnyValue: message(anyValueFields, { value: { oneof: Object.keys(anyValueFields) } }),
      ArrayValue: message({ values: field(1, 'AnyValue', 'repeated') }),
      KeyValueList: message({ values: field(1, 'KeyValue', 'repeated') }),
      KeyValue: message({ key: field(1, 'bytes'), value: field(2, 'AnyValue') }),
      Resource: message({
        attributes: field(1, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(2, 'uint32'),
      }),
      Scope: message({
        name: field(1, 'bytes'),
        version: field(2, 'bytes'),
        attributes: field(3, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(4, 'uint32'),
      }),
      Event: message({
        time_unix_nano: field(1, 'fixed64'),
        name: field(2, 'bytes'),
        attributes: field(3, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(4, 'uint32'),
      }),
      Link: message({
        trace_id: field(1, 'bytes'),
        span_id: field(2, 'bytes'),
        trace_state: field(3, 'bytes'),
        attributes: field(4, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(5, 'uint32'),
        flags: field(6, 'fixed32'),
      }),
      Status: message({ message: field(2, 'bytes'), code: field(3, 'int32') }),
      Span: message({
        trace_id: field(1, 'bytes'),
        span_id: field(2, 'bytes'),
        trace_state: field(3, 'bytes'),
        parent_span_id: field(4, 'bytes'),
        name: field(5, 'bytes'),
        kind: field(6, 'int32'),
        start_time_unix_nano: field(7, 'fixed64'),
        end_time_unix_nano: field(8, 'fixed64'),
        attributes: field(9, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(10, 'uint32'),
        events: field(11, 'Event', 'repeated'),
        dropped_events_count: field(12, 'uint32'),
        links: field(13, 'Link', 'repeated'),
        dropped_links_count: field(14, 'uint32'),
        status: field(15, 'Status'),
        flags: field(16, 'fixed32'),
      }),
      ScopeSpans: message({
        scope: field(1, 'Scope'),
        spans: field(2, 'Span', 'repeated'),
        schema_url: field(3, 'bytes'),
      }),
      ResourceSpans: message({
        resource: field(1, 'Resource'),
        scope_spans: field(2, 'ScopeSpans', 'repeated'),
        schema_url: field(3, 'bytes'),
      }),
      ExportTraceServiceRequest: message({
        resource_spans: field(1, 'ResourceSpans', 'repeated'),
      }),
      LogRecord: message({
        time_unix_nano: field(1, 'fixed64'),
        severity_number: field(2, 'int32'),
        severity_text: field(3, 'bytes'),
        body: field(5, 'AnyValue'),
        attributes: field(6, 'KeyValue', 'repeated'),
        dropped_attributes_count: field(7, 'uint32'),
        flags: field(8, 'fixed32'),
        trace_id: field(9, 'bytes'),
        span_id: field(10, 'bytes'),
        observed_time_unix_nano: field(11, 'fixed64'),
        event_name: field(12, 'bytes'),
      }),
      ScopeLogs: message({
        scope: field(1, 'Scope'),
        log_records: field(2, 'LogRecord', 'repeated'),
        schema_url: field(3, 'bytes'),
      }),
      ResourceLogs: message({
        resource: field(1, 'Resource'),
        scope_logs: field(2, 'ScopeLogs', 'repeated'),
        schema_url: field(3, 'bytes'),
      }),
      ExportLogsServiceRequest: message({
        resource_logs: field(1, 'ResourceLogs', 'repeated'),
      }),
    },
  });
  return {
    request: root.lookupType('ExportTraceServiceRequest'),
    logsRequest: root.lookupType('ExportLogsServiceRequest'),
    span: root.lookupType('Span'),
  };
}
