import type { MessageEncoding } from '../decode/decoders.ts';
import type { Ingested } from '../ingest/ingest.ts';
import type { OtlpSignal } from './take-body.ts';

/** google.rpc.Status, the body of an answer that is no success. */
export interface RpcStatus {
  /** A code of google.rpc.Code. */
  code: number;
  message: string;
}

/** How answers are written in one of the two encodings of OTLP messages. */
export interface AnswerEncoding {
  mediaType: string;
  /** The signal's ExportServiceResponse; its `partial_success` stays away when all went well. */
  response(signal: OtlpSignal, ingested: Ingested): Buffer;
  status(status: RpcStatus): Buffer;
}

/** What `partial_success` calls the rejected in JSON. In protobuf it is field 1 of every signal. */
const rejectedNames: Record<OtlpSignal, string> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** An answer has the encoding of its request. */
export const answerEncodings: Readonly<Record<MessageEncoding, AnswerEncoding>> = {
  protobuf: {
    mediaType: 'application/x-protobuf',
    response: (_signal, { rejected, message }) =>
      lengthDelimited(
        1,
        Buffer.concat([varintField(1, rejected), lengthDelimited(2, Buffer.from(message))]),
      ),
    status: ({ code, message }) =>
      Buffer.concat([varintField(1, code), lengthDelimited(2, Buffer.from(message))]),
  },
  json: {
    mediaType: 'application/json',
    response: (signal, { rejected, message }) =>
      asJson(
        rejected === 0 && message === ''
          ? {}
          : {
              partialSuccess: { [rejectedNames[signal]]: String(rejected), errorMessage: message },
            },
      ),
    status: asJson,
  },
};

function asJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A field of protobuf that is a number. A default value is not written, as proto3 wants it. */
export function varintField(fieldNumber: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([fieldNumber << 3, ...varint(value)]);
}

/** A field of protobuf that is text, bytes or a message; nothing where it is empty. */
export function lengthDelimited(fieldNumber: number, content: Buffer): Buffer {
  if (content.length === 0) return content;
  return Buffer.concat([Buffer.from([(fieldNumber << 3) | 2, ...varint(content.length)]), content]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}
