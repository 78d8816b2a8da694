import { gzipSync } from 'node:zlib';
import { worstBodies } from './worst-bodies.ts';

/** A body as a hostile sender sends it: a few KB of gzip that unpack to many MB. */
export interface PackedRequest {
  name: string;
  contentType: 'application/json' | 'application/x-protobuf';
  /** Packed with gzip. */
  packed: Buffer;
}

const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

/** The bodies that cost the most that we know of, each of at most so many bytes unpacked. */
export function worstRequests(unpackedBytes: number): PackedRequest[] {
  const bodies = worstBodies.map(({ name, encoding, make }) => ({
    name: `${name} (${encoding})`,
    contentType: contentTypes[encoding],
    packed: gzipSync(make(unpackedBytes)),
  }));
  const nested: PackedRequest[] = [
    {
      name: 'arrays in arrays (json)',
      contentType: contentTypes.json,
      packed: gzipSync(`{"resourceSpans":${'['.repeat(unpackedBytes - 50)}`),
    },
    {
      name: 'groups in groups (protobuf)',
      contentType: contentTypes.protobuf,
      packed: gzipSync(Buffer.alloc(unpackedBytes, 0x0b)),
    },
  ];
  return [...bodies, ...nested];
}

/** A failed span whose message fills the body, and so has to be stored whole. */
export function longMessage(unpackedBytes: number): PackedRequest {
  const message = 'x'.repeat(unpackedBytes - 500);
  const event = {
    name: 'exception',
    attributes: [{ key: 'exception.message', value: { stringValue: message } }],
  };
  const span = {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    status: { code: 2 },
    events: [event],
  };
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  return {
    name: 'one long message (json)',
    contentType: contentTypes.json,
    packed: gzipSync(JSON.stringify(request)),
  };
}
