import type { DecodeOptions } from '../decode-options.ts';
import { JsonAttribute } from '../json-attribute.ts';
import { requestNames, resourceOf, walkRequest, type ResourceGroup } from '../json-request.ts';
import { jsonWalk } from '../json-walk.ts';
import { asDecodedLogs, type DecodedLogRecord, type DecodedLogs } from './decoded-logs.ts';
import { mayTellOfException, readRecord, RECORD_FIELDS, type RecordsWalk } from './json-record.ts';

const how = {
  names: requestNames('resourceLogs', 'scopeLogs', 'logRecords'),
  walkItem: walkRecord,
};

/**
 * Decodes the JSON body of `POST /v1/logs`, an ExportLogsServiceRequest, into the same result as the protobuf
 * body that says the same. The result holds views into `body`: do not write to that buffer again.
 *
 * @throws MalformedBodyError where the body is not such a message, with the path of what is wrong.
 */
export function decodeLogsJson(body: Buffer, options: DecodeOptions): DecodedLogs {
  const base = jsonWalk<DecodedLogRecord>(body, options, RECORD_FIELDS);
  const walk: RecordsWalk = { ...base, body: new JsonAttribute(base.cursor) };
  walkRequest(walk, how);
  return asDecodedLogs(walk.intake.end());
}

function walkRecord(walk: RecordsWalk, parent: ResourceGroup): void {
  const { intake } = walk;
  const mayMatter = mayTellOfException(walk);
  const record = mayMatter && !intake.isFull ? readRecord(walk) : undefined;
  if (!intake.wants(record !== undefined) || !record) return;
  intake.add({ ...record, resource: resourceOf(walk, parent) }, 1);
}
