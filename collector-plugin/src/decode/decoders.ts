import type { DecodeOptions } from './decode-options.ts';
import type { DecodedLogs } from './logs/decoded-logs.ts';
import { decodeLogsJson } from './logs/json.ts';
import { decodeLogsProtobuf } from './logs/protobuf.ts';
import type { DecodedTraces } from './traces/decoded-traces.ts';
import { decodeTracesJson } from './traces/json.ts';
import { decodeTracesProtobuf } from './traces/protobuf.ts';

/** The two encodings of OTLP messages. */
export type MessageEncoding = 'protobuf' | 'json';

/**
 * Decodes a body. The result holds views into it: do not write to that buffer again.
 *
 * @throws MalformedBodyError where the body is not the signal's request message.
 */
export type Decoder<Decoded> = (body: Buffer, options: DecodeOptions) => Decoded;

/** What each signal decodes to. */
export interface DecodedSignals {
  traces: DecodedTraces;
  logs: DecodedLogs;
}

/** The decoder of each signal's request, by its encoding. */
export const decoders: {
  readonly [Signal in keyof DecodedSignals]: Readonly<
    Record<MessageEncoding, Decoder<DecodedSignals[Signal]>>
  >;
} = {
  traces: { protobuf: decodeTracesProtobuf, json: decodeTracesJson },
  logs: { protobuf: decodeLogsProtobuf, json: decodeLogsJson },
};
