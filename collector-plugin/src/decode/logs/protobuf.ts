import type { DecodeOptions } from '../decode-options.ts';
import { ProtobufAttribute } from '../protobuf-attribute.ts';
import { resourceOf, walkRequest, type ResourceGroup } from '../protobuf-request.ts';
import { protobufWalk } from '../protobuf-walk.ts';
import { asDecodedLogs, type DecodedLogRecord, type DecodedLogs } from './decoded-logs.ts';
import { readRecord, type RecordsWalk } from './protobuf-record.ts';

/*
 * A walk over the wire bytes of an ExportLogsServiceRequest. Whatever makes a log record one of an exception,
 * an attribute or the name of its event, has these bytes in it, and one search for them runs through the body
 * at the speed of memory. A record without them is passed over by its length, and nothing in it is looked at
 * or validated.
 */
const NEEDLE = Buffer.from('xcep');

/**
 * Decodes the protobuf body of `POST /v1/logs`, an ExportLogsServiceRequest, as far as failtrace needs it. The
 * result holds views into `body`: do not write to that buffer again.
 *
 * @throws MalformedBodyError where the body is not such a message.
 */
export function decodeLogsProtobuf(body: Buffer, options: DecodeOptions): DecodedLogs {
  const base = protobufWalk<DecodedLogRecord>(body, options);
  const walk: SearchWalk = {
    ...base,
    body: new ProtobufAttribute(base.reader),
    needleAt: -1,
  };
  walkRequest(walk, walkRecord);
  return asDecodedLogs(walk.intake.end());
}

interface SearchWalk extends RecordsWalk {
  /** Where the needle was found last; behind the body where there is no more of it. */
  needleAt: number;
}

function walkRecord(walk: SearchWalk, end: number, parent: ResourceGroup): void {
  if (!hasNeedle(walk, end)) return;
  const record = readRecord(walk, end);
  if (!walk.intake.wants(record !== undefined) || !record) return;
  walk.intake.add({ ...record, resource: resourceOf(walk, parent) }, 1);
}

/** Whether the needle stands between the reader's position and `end`. Records are asked for in their order. */
function hasNeedle(walk: SearchWalk, end: number): boolean {
  const { bytes, pos } = walk.reader;
  if (walk.needleAt < pos) {
    const found = bytes.indexOf(NEEDLE, pos);
    walk.needleAt = found < 0 ? bytes.length : found;
  }
  return walk.needleAt + NEEDLE.length <= end;
}
