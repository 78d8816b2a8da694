import { MalformedBodyError } from '../errors.ts';
import type { PackedPart } from './unpack.ts';

/**
 * A body of more frames is refused: each costs a call and a decoder of its own, 20 µs, and 20 MB have
 * room for two million. Encoders make one, or one for each piece that was flushed by itself.
 */
export const MAX_ZSTD_FRAMES = 100;

/* The magic numbers of RFC 8878, little-endian; the last half byte of a skippable one is free. */
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** No block of any frame unpacks to more. */
const MAX_BLOCK_BYTES = 128 * 1024;

const blockType = { raw: 0, rle: 1, packed: 2 } as const;

/** How long the fields of a frame's header are, by the flags of its first byte. */
const contentSizeBytes = [0, 2, 4, 8] as const;
const dictionaryIdBytes = [0, 1, 2, 4] as const;

/**
 * Finds the frames of a body packed with zstd (RFC 8878, section 3.1), without unpacking any: Node
 * unpacks the first one and is silent about the rest, spans and all. The walk also sees where a body is
 * cut off, and how much memory it will need. A body of 20 MB has at most seven million blocks: 70 ms.
 *
 * @throws MalformedBodyError something else follows a frame, it is cut off, or there are too many
 */
export function zstdFrames(body: Buffer): PackedPart[] {
  const frames: PackedPart[] = [];
  let found = 0;
  let pos = 0;
  while (pos < body.length) {
    if (++found > MAX_ZSTD_FRAMES) {
      throw new MalformedBodyError(`The body has more than ${MAX_ZSTD_FRAMES} zstd frames.`);
    }
    const magic = uint(body, pos, 4);
    if ((magic & ~15) >>> 0 === SKIPPABLE) {
      pos += 8 + uint(body, pos + 4, 4);
      if (pos > body.length) throw cutOff();
    } else if (magic === FRAME) {
      const frame = frameAt(body, pos);
      frames.push(frame);
      pos = frame.end;
    } else {
      throw new MalformedBodyError(`The body is not zstd: no frame begins at byte ${pos}.`);
    }
  }
  if (found === 0) throw cutOff();
  return frames;
}

function frameAt(body: Buffer, start: number): PackedPart {
  const descriptor = uint(body, start + 4, 1);
  const isSingleSegment = (descriptor & 32) !== 0;
  const sizeBytes = contentSizeBytes[(descriptor >> 6) as 0 | 1 | 2 | 3] || Number(isSingleSegment);
  const sizeAt =
    start + 5 + Number(!isSingleSegment) + dictionaryIdBytes[(descriptor & 3) as 0 | 1 | 2 | 3];
  const stated = sizeBytes > 0 ? uint(body, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0) : -1;
  const blocks = blocksFrom(body, sizeAt + sizeBytes);
  const end = blocks.end + (descriptor & 4 ? CHECKSUM_BYTES : 0);
  if (end > body.length) throw cutOff();
  return { start, end, statedBytes: stated < 0 ? blocks.mostBytes : stated };
}

/** Passes over the blocks of a frame, up to the one that says it is the last. */
function blocksFrom(body: Buffer, start: number): { end: number; mostBytes: number } {
  let pos = start;
  let mostBytes = 0;
  let isLast = false;
  while (!isLast) {
    if (pos + BLOCK_HEADER_BYTES > body.length) throw cutOff();
    // Byte by byte: `readUIntLE` took 0.1 s more over the seven million blocks of a hostile body.
    const header =
      (body[pos] as number) | ((body[pos + 1] as number) << 8) | ((body[pos + 2] as number) << 16);
    const size = header >>> 3;
    const type = (header >> 1) & 3;
    isLast = (header & 1) === 1;
    pos += BLOCK_HEADER_BYTES + (type === blockType.rle ? 1 : size);
    mostBytes += type === blockType.packed ? MAX_BLOCK_BYTES : size;
  }
  return { end: pos, mostBytes };
}

/** A little-endian number. One of eight bytes may be rounded, where no body could be so long. */
function uint(body: Buffer, at: number, bytes: number): number {
  if (at + bytes > body.length) throw cutOff();
  return bytes === 8
    ? body.readUInt32LE(at) + body.readUInt32LE(at + 4) * 2 ** 32
    : body.readUIntLE(at, bytes);
}

function cutOff(): MalformedBodyError {
  return new MalformedBodyError('The body is not zstd: it ends inside a frame.');
}
