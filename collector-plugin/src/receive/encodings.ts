import { decoders, type Decoder } from '../decode/decoders.ts';
import type { DecodedTraces } from '../decode/traces/decoded-traces.ts';

/** The part of an ExportTraceServiceResponse that says what was not kept. */
export interface PartialSuccess {
  rejectedSpans: number;
  /** Empty when there is nothing to say. */
  message: string;
}

/** google.rpc.Status, the body of an answer that is no success. */
export interface RpcStatus {
  /** A code of google.rpc.Code. */
  code: number;
  message: string;
}

/** One of the two encodings of OTLP/HTTP; an answer has the encoding of its request. */
export interface Encoding {
  contentType: string;
  decode: Decoder<DecodedTraces>;
  encodeResponse(partialSuccess: PartialSuccess): Buffer;
  encodeStatus(status: RpcStatus): Buffer;
}

const json: Encoding = {
  contentType: 'application/json',
  decode: decoders.traces.json,
  encodeResponse: ({ rejectedSpans, message }) =>
    Buffer.from(
      JSON.stringify(
        rejectedSpans === 0 && message === ''
          ? {}
          : { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage: message } },
      ),
    ),
  encodeStatus: (status) => Buffer.from(JSON.stringify(status)),
};

const protobuf: Encoding = {
  contentType: 'application/x-protobuf',
  decode: decoders.traces.protobuf,
  encodeResponse: ({ rejectedSpans, message }) =>
    lengthDelimited(
      1,
      Buffer.concat([varintField(1, rejectedSpans), lengthDelimited(2, Buffer.from(message))]),
    ),
  encodeStatus: ({ code, message }) =>
    Buffer.concat([varintField(1, code), lengthDelimited(2, Buffer.from(message))]),
};

/** The encodings by media type. */
export const encodings: ReadonlyMap<string, Encoding> = new Map(
  [protobuf, json].map((encoding) => [encoding.contentType, encoding]),
);

/** For answers to requests whose own encoding cannot be told. */
export const fallbackEncoding = json;

/** A default value is not written, as proto3 wants it. */
function varintField(fieldNumber: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([fieldNumber << 3, ...varint(value)]);
}

function lengthDelimited(fieldNumber: number, content: Buffer): Buffer {
  if (content.length === 0) return content;
  return Buffer.concat([Buffer.from([(fieldNumber << 3) | 2, ...varint(content.length)]), content]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}
