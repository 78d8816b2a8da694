import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../errors.ts';
import { spliceMessage } from './splice-message.ts';
import type { MessageSource } from './splice-message.ts';

async function* streamOf(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function source(message: Uint8Array): MessageSource {
  return { bytes: message.length, open: () => [message.subarray(0, 3), message.subarray(3)] };
}

async function splice(stored: string[], message: string, offsets: number[], bytes: number) {
  const chunks = stored.map((chunk) => Buffer.from(chunk));
  const spliced = spliceMessage(streamOf(chunks), {
    message: source(Buffer.from(message)),
    offsets,
    bytes,
  });
  return (await buffer(spliced)).toString();
}

describe('spliceMessage', () => {
  it.each([
    ['at the start', ['!'], [0], 'boom!'],
    ['in the middle', ['Error: \n  at x'], [7], 'Error: boom\n  at x'],
    ['at the end', ['Error: '], [7], 'Error: boom'],
    ['several times', ['A: \nB: \n'], [3, 11], 'A: boom\nB: boom\n'],
    ['side by side', ['<>'], [1, 5], '<boomboom>'],
    ['as the whole text', [], [0], 'boom'],
    ['at the edge of a chunk', ['Error: ', '\n  at x'], [7], 'Error: boom\n  at x'],
    ['next to empty chunks', ['', 'Error: ', '', '!', ''], [7], 'Error: boom!'],
    ['nowhere', ['Error', '!'], [], 'Error!'],
  ])('puts the message back %s', async (_, stored, offsets, whole) => {
    expect(await splice(stored, 'boom', offsets, whole.length)).toBe(whole);
  });

  it.each([
    ['bytes are missing', ['Err'], [], 5],
    ['bytes are missing before the message', ['Err'], [5], 9],
    ['a message is missing', ['Error: '], [7], 7],
    ['bytes are left over', ['Error!!'], [], 5],
    ['bytes are left over behind the message', ['Error: !'], [7], 11],
    ['an offset lies beyond the end', ['Error: '], [9], 7],
    ['offsets are out of order', ['Error: '], [5, 2], 15],
    ['messages overlap', ['Error: '], [2, 3], 15],
  ])('refuses when %s', async (_, stored, offsets, bytes) => {
    await expect(splice(stored, 'boom', offsets, bytes)).rejects.toThrow(StorageUnavailable);
  });

  it.each([
    ['in the last chunk', ['Err', 'or and secrets']],
    ['behind the last chunk', ['Err', 'or', ' and secrets']],
  ])('keeps the last piece back when bytes are left over %s', async (_, stored) => {
    const passed: Uint8Array[] = [];
    const spliced = spliceMessage(streamOf(stored.map((chunk) => Buffer.from(chunk))), {
      message: source(Buffer.alloc(0)),
      offsets: [],
      bytes: 5,
    });
    await expect(async () => {
      for await (const chunk of spliced) passed.push(chunk);
    }).rejects.toThrow(StorageUnavailable);
    expect(Buffer.concat(passed).toString()).toBe('Err');
  });

  it('restores any text, wherever the message and the chunks were cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        async (pieces, message, sizes) => {
          const whole = Buffer.concat(
            pieces.flatMap((piece, i) => (i ? [message, piece] : [piece])),
          );
          const offsets: number[] = [];
          let at = 0;
          for (const piece of pieces.slice(0, -1)) {
            offsets.push(at + piece.length);
            at += piece.length + message.length;
          }
          const stored = Buffer.concat(pieces);
          const chunks: Uint8Array[] = [];
          for (let from = 0; from < stored.length; from += chunks.at(-1)?.length ?? 1) {
            chunks.push(stored.subarray(from, from + (sizes.next().value ?? 1)));
          }
          const spliced = spliceMessage(streamOf(chunks), {
            message: source(message),
            offsets,
            bytes: whole.length,
          });
          expect(await buffer(spliced)).toEqual(whole);
        },
      ),
    );
  });
});
