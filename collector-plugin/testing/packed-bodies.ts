import { gzipSync } from 'node:zlib';
import type { MessageEncoding } from '../src/decode/decoders.ts';
import { worstBodies } from './worst-bodies.ts';

const MEBIBYTE = 2 ** 20;

/** A body that costs its sender little, and a careless receiver much. */
export interface PackedBody {
  what: string;
  contentType: 'application/json' | 'application/x-protobuf';
  /** Packed with gzip. */
  packed: Buffer;
}

const contentTypes = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
} as const satisfies Record<MessageEncoding, string>;

/** The worst bodies that are known, each just under `unpackedBytes`, as a sender would send them. */
export function packedWorstBodies(unpackedBytes = 19 * MEBIBYTE): PackedBody[] {
  const deepest = {
    json: Buffer.alloc(unpackedBytes, '['),
    protobuf: Buffer.alloc(unpackedBytes, 0x0b),
  };
  return [
    ...worstBodies.map(({ name, encoding, make }) => packed(name, encoding, make(unpackedBytes))),
    packed('arrays in arrays, as deep as the body is long', 'json', deepest.json),
    packed('groups in groups', 'protobuf', deepest.protobuf),
  ];
}

function packed(what: string, encoding: MessageEncoding, body: Buffer): PackedBody {
  return {
    what: `${encoding}: ${what}`,
    contentType: contentTypes[encoding],
    packed: gzipSync(body),
  };
}

/** A failed span with one exception, whose message is nearly that long. */
export function longMessage(bytes: number): string {
  const message = 'x'.repeat(bytes - 500);
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${'ab'.repeat(16)}","spanId":"${'cd'.repeat(8)}","status":{"code":2},"events":[{"name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"${message}"}}]}]}]}]}]}`;
}
