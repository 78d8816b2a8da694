import { randomBytes } from 'node:crypto';
import { createZstdCompress, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBlocks, emptyFrames, zstdFrameHeader } from '../../testing/packed-requests.ts';
import { MalformedBodyError } from '../errors.ts';
import { partsOf, unpack } from './unpack.ts';
import { MAX_ZSTD_FRAMES } from './zstd-frames.ts';

const MEBIBYTE = 2 ** 20;
const body = Buffer.concat([Buffer.alloc(300_000, 'failtrace '), randomBytes(300_000)]);
const packers = {
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
};
const skippable = (content: string) =>
  Buffer.concat([
    Buffer.from([0x5a, 0x2a, 0x4d, 0x18, content.length, 0, 0, 0]),
    Buffer.from(content),
  ]);

function unpackedBy(coding: keyof typeof packers, packed: Buffer, maxBytes = MEBIBYTE) {
  return unpack(coding, packed, partsOf(coding, packed), maxBytes);
}

/** Packs in pieces, so that the frame does not state how long its content is. */
async function streamed(pieces: readonly Buffer[], flushEach = false): Promise<Buffer> {
  const stream = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  for (const piece of pieces) {
    stream.write(piece);
    if (flushEach) stream.flush();
  }
  stream.end();
  return Buffer.concat(await stream.toArray());
}

describe.each(Object.entries(packers))('unpacking %s', (coding, pack) => {
  const unpacked = (packed: Buffer, maxBytes?: number) =>
    unpackedBy(coding as keyof typeof packers, packed, maxBytes);

  it.each([0, 1, 255, 256, 65_791, 65_792, 600_000])('gives %i bytes back', (length) => {
    expect(unpacked(pack(body.subarray(0, length)))).toEqual(body.subarray(0, length));
  });

  it('takes what is exactly as long as it may be, and stops one byte beyond', () => {
    expect(unpacked(pack(body), body.length)).toEqual(body);
    expect(unpacked(pack(body), body.length - 1)).toBeUndefined();
  });

  it('refuses what is cut off, wherever that is', () => {
    const packed = pack(body.subarray(299_000, 301_000));
    for (let length = 0; length < packed.length; length += 1) {
      expect(() => unpacked(packed.subarray(0, length)), `${length} bytes`).toThrow(
        MalformedBodyError,
      );
    }
  });

  it('says before how long it will be', () => {
    const packed = pack(body);
    expect(partsOf(coding as keyof typeof packers, packed)).toEqual([
      { start: 0, end: packed.length, statedBytes: body.length },
    ]);
  });

  it('joins what was packed in parts', () => {
    const parts = [
      body.subarray(0, 290_000),
      body.subarray(290_000, 290_000),
      body.subarray(290_000),
    ];
    const packed = Buffer.concat(parts.map(pack));
    expect(unpacked(packed)).toEqual(body);
    expect(unpacked(packed, body.length)).toEqual(body);
    expect(unpacked(packed, body.length - 1)).toBeUndefined();
  });

  it('fails with its own error, or not at all, whatever is damaged', () => {
    const packed = pack(body.subarray(298_000, 302_000));
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] as number) ^ flip;
        try {
          expect(unpacked(damaged)?.length ?? 0).toBeLessThanOrEqual(MEBIBYTE);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBodyError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('unpacking zstd', () => {
  const unpacked = (packed: Buffer, maxBytes?: number) => unpackedBy('zstd', packed, maxBytes);

  it.each([false, true])(
    'takes frames that do not state their length (flushed: %s)',
    async (flushEach) => {
      const pieces = [body.subarray(0, 1_000), body.subarray(1_000, 1_001), body.subarray(1_001)];
      const packed = await streamed(pieces, flushEach);
      expect(unpacked(packed)).toEqual(body);
      expect(unpacked(packed, body.length)).toEqual(body);
      expect(unpacked(packed, body.length - 1)).toBeUndefined();
    },
  );

  it('passes over frames that are to be skipped', () => {
    const packed = [skippable('first'), packers.zstd(body), skippable(''), skippable('last')];
    expect(unpacked(Buffer.concat(packed))).toEqual(body);
    expect(unpacked(skippable('alone'))).toEqual(Buffer.alloc(0));
  });

  it.each([
    ['nothing at all', Buffer.alloc(0), 'ends inside a frame'],
    [
      'what follows the last frame',
      Buffer.concat([packers.zstd(body), Buffer.from('and more')]),
      'no frame begins',
    ],
    [
      'a window of 64 MiB',
      Buffer.concat([zstdFrameHeader(26), Buffer.from([1, 0, 0])]),
      'too much memory',
    ],
    ['more frames than there may be', emptyFrames(MAX_ZSTD_FRAMES + 1), 'more than 100'],
    ['a skipped frame that is cut off', skippable('first').subarray(0, 10), 'ends inside a frame'],
  ])('refuses %s, and says why', (_, packed, why) => {
    expect(() => unpacked(packed)).toThrow(why);
    expect(() => unpacked(packed)).toThrow(MalformedBodyError);
  });

  it('takes as many frames as there may be, and blocks of nothing', () => {
    expect(unpacked(emptyFrames(MAX_ZSTD_FRAMES))).toEqual(Buffer.alloc(0));
    expect(unpacked(emptyBlocks(MEBIBYTE))).toEqual(Buffer.alloc(0));
  });

  it('refuses a length that is not true', () => {
    const packed = packers.zstd(body);
    const sizeAt = packed.indexOf(Buffer.from(Uint32Array.of(body.length).buffer));
    for (const length of [body.length - 1, body.length + 1]) {
      const lying = Buffer.from(packed);
      lying.writeUInt32LE(length, sizeAt);
      expect(() => unpacked(lying)).toThrow(MalformedBodyError);
    }
    const tooLong = Buffer.from(packed);
    tooLong.writeUInt32LE(2 ** 32 - 1, sizeAt);
    expect(() => unpacked(tooLong) ?? 'too long').toThrow(MalformedBodyError);
  });
});
