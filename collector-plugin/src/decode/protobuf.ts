import { attributeNames, SERVICE_ATTRIBUTES, type AttributeNames } from './attribute-names.ts';
import type { DecodedResource, DecodedTraces } from './decoded-span.ts';
import { findAttribute } from './protobuf-attribute.ts';
import { matters, readSpan } from './protobuf-span.ts';
import { tagOf, WireReader, wireType } from './wire-reader.ts';

/*
 * A walk over the wire bytes of an ExportTraceServiceRequest that keeps nothing of a span until it
 * turns out to matter. Field numbers are those of opentelemetry/proto/trace/v1/trace.proto.
 *
 * Every field of every span is passed over by its own length, so the walk is exact: it finds what a
 * full decode would, in any field order, with fields split or given twice. 8,192 spans of ten
 * attributes take 1.3 ms; searching the body for the few strings that matter took 2.6 ms.
 * What it passes over (attribute values, links, scopes) it does not validate.
 */
const RESOURCE_SPANS = tagOf(1, wireType.bytes);
const RESOURCE = tagOf(1, wireType.bytes);
const RESOURCE_ATTRIBUTES = tagOf(1, wireType.bytes);
const SCOPE_SPANS = tagOf(2, wireType.bytes);
const SPANS = tagOf(2, wireType.bytes);

const EMPTY = Buffer.alloc(0);

const serviceAttributes = attributeNames(SERVICE_ATTRIBUTES);

/**
 * Decodes the protobuf body of `POST /v1/traces`, an ExportTraceServiceRequest, as far as failtrace
 * needs it. The result holds views into `body`: do not write to that buffer again.
 *
 * @throws MalformedBodyError where the body is not such a message.
 */
export function decodeTracesProtobuf(body: Buffer, runIdNames: AttributeNames): DecodedTraces {
  const reader = new WireReader(body);
  const traces: DecodedTraces = { spanCount: 0, spans: [] };
  while (reader.pos < body.length) {
    const tag = reader.tag();
    if (tag === RESOURCE_SPANS) {
      readResourceSpans(reader, reader.lengthWithin(body.length), runIdNames, traces);
    } else {
      reader.skip(tag, body.length);
    }
  }
  return traces;
}

function readResourceSpans(
  reader: WireReader,
  end: number,
  runIdNames: AttributeNames,
  traces: DecodedTraces,
): void {
  const start = reader.pos;
  // The resource may stand behind the spans that belong to it, so it is looked for first.
  const resource: DecodedResource = { namespace: EMPTY, service: EMPTY, runId: EMPTY };
  const ranks: ResourceRanks = { service: [false, false], runId: runIdNames.encoded.length };
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === RESOURCE) {
      readResource(reader, reader.lengthWithin(end), runIdNames, resource, ranks);
    } else {
      reader.skip(tag, end);
    }
  }
  reader.expectWithin(end);

  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === SCOPE_SPANS) {
      readScopeSpans(reader, reader.lengthWithin(end), runIdNames, resource, traces);
    } else {
      reader.skip(tag, end);
    }
  }
}

/** Which of the resource's attributes have been seen: the first of a name counts. */
interface ResourceRanks {
  service: [namespace: boolean, name: boolean];
  runId: number;
}

function readResource(
  reader: WireReader,
  end: number,
  runIdNames: AttributeNames,
  resource: DecodedResource,
  ranks: ResourceRanks,
): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== RESOURCE_ATTRIBUTES) {
      reader.skip(tag, end);
      continue;
    }
    const attributeEnd = reader.lengthWithin(end);
    const attributeStart = reader.pos;
    const service = findAttribute(reader, attributeEnd, serviceAttributes);
    if (service && !ranks.service[service.index]) {
      ranks.service[service.index] = true;
      if (service.index === 0) resource.namespace = service.text;
      else resource.service = service.text;
    }
    reader.pos = attributeStart;
    const runId = findAttribute(reader, attributeEnd, runIdNames);
    if (runId && runId.text.length > 0 && runId.index < ranks.runId) {
      ranks.runId = runId.index;
      resource.runId = runId.text;
    }
  }
  reader.expectWithin(end);
}

function readScopeSpans(
  reader: WireReader,
  end: number,
  runIdNames: AttributeNames,
  resource: DecodedResource,
  traces: DecodedTraces,
): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== SPANS) {
      reader.skip(tag, end);
      continue;
    }
    traces.spanCount += 1;
    const spanEnd = reader.lengthWithin(end);
    const spanStart = reader.pos;
    if (matters(reader, spanEnd, runIdNames, resource)) {
      reader.pos = spanStart;
      traces.spans.push(readSpan(reader, spanEnd, runIdNames, resource));
    }
  }
  reader.expectWithin(end);
}
