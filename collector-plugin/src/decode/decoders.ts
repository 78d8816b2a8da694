import type { AttributeNames } from './attribute-names.ts';
import type { DecodedTraces } from './decoded-span.ts';
import { decodeTracesJson } from './json.ts';
import { decodeTracesProtobuf } from './protobuf.ts';

export type MessageEncoding = 'protobuf' | 'json';
export interface DecodedSignals {
  traces: DecodedTraces;
}
export type Signal = keyof DecodedSignals;
export interface DecodeOptions {
  runIdNames: AttributeNames;
}
export const decoders = {
  traces: {
    protobuf: (body: Buffer, { runIdNames }: DecodeOptions) =>
      decodeTracesProtobuf(body, runIdNames),
    json: (body: Buffer, { runIdNames }: DecodeOptions) => decodeTracesJson(body, runIdNames),
  },
};
