import { gzipSync, zstdCompressSync } from 'node:zlib';
import { worstBodies } from './worst-bodies.ts';

/** A body as a hostile sender sends it: a few KB that unpack to many MB. */
export interface PackedRequest {
  name: string;
  contentType: 'application/json' | 'application/x-protobuf';
  contentCoding: 'gzip' | 'zstd';
  packed: Buffer;
}

const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

const packers = { gzip: gzipSync, zstd: zstdCompressSync } as const;

/**
 * The bodies that cost the most that we know of, each of at most so many bytes unpacked, and zstd that
 * costs a lot to unpack to little.
 */
export function worstRequests(unpackedBytes: number): PackedRequest[] {
  const bodies: { name: string; encoding: keyof typeof contentTypes; body: Buffer }[] = [
    ...worstBodies.map(({ name, encoding, make }) => ({
      name,
      encoding,
      body: make(unpackedBytes),
    })),
    {
      name: 'arrays in arrays',
      encoding: 'json',
      body: Buffer.from(`{"resourceSpans":${'['.repeat(unpackedBytes - 50)}`),
    },
    {
      name: 'groups in groups',
      encoding: 'protobuf',
      body: Buffer.alloc(unpackedBytes, 0x0b),
    },
  ];
  const packed = bodies.map(({ name, encoding, body }, index): PackedRequest => {
    // By turns, so that both are sent without the list being twice as long.
    const contentCoding = index % 2 === 0 ? 'gzip' : 'zstd';
    return {
      name: `${name} (${encoding}, ${contentCoding})`,
      contentType: contentTypes[encoding],
      contentCoding,
      packed: packers[contentCoding](body),
    };
  });
  const zstd = [
    { name: 'zstd frames of nothing', packed: emptyFrames(100) },
    { name: 'zstd blocks of nothing', packed: emptyBlocks(unpackedBytes) },
  ];
  return [
    ...packed,
    ...zstd.map((request): PackedRequest => ({
      ...request,
      contentType: contentTypes.protobuf,
      contentCoding: 'zstd',
    })),
  ];
}

/** The beginning of a zstd frame that does not state its length, with a window of 2^windowLog bytes. */
export function zstdFrameHeader(windowLog: number): Buffer {
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3]);
}

/** A block that holds nothing and is the last, so that the frame ends with it. */
const lastZstdBlock = Buffer.from([1, 0, 0]);

/** Frames that unpack to nothing, each with a window of 32 MiB. */
export function emptyFrames(count: number): Buffer {
  const frame = Buffer.concat([zstdFrameHeader(25), lastZstdBlock]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** One frame of so many bytes that unpacks to nothing, as it holds empty blocks alone. */
export function emptyBlocks(bytes: number): Buffer {
  const header = zstdFrameHeader(21);
  const room = Math.floor((bytes - header.length - lastZstdBlock.length) / 3) * 3;
  return Buffer.concat([header, Buffer.alloc(room), lastZstdBlock]);
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
    contentCoding: 'gzip',
    packed: gzipSync(JSON.stringify(request)),
  };
}
