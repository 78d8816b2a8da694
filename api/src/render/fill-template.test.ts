import { buffer } from 'node:stream/consumers';
import type { FilledHole } from '@failtrace/collector-plugin/schema';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../errors.ts';
import { fillTemplate } from './fill-template.ts';
import type { MessageSource } from './fill-template.ts';

async function* streamOf(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function source(message: Uint8Array): MessageSource {
  return { bytes: message.length, open: () => [message.subarray(0, 3), message.subarray(3)] };
}

const bytesOf = (texts: readonly string[]) => texts.map((text) => Buffer.from(text));

/** For the message. */
const hole = (offset: number, content?: string): FilledHole => ({
  offset,
  content: content === undefined ? undefined : Buffer.from(content),
});

async function fill(
  stored: string[],
  holes: FilledHole[],
  { templateBytes = stored.join('').length } = {},
) {
  const filled = fillTemplate(streamOf(bytesOf(stored)), {
    templateBytes,
    holes,
    message: source(Buffer.from('boom')),
  });
  return (await buffer(filled)).toString();
}

describe('fillTemplate', () => {
  it.each([
    ['at the start', ['!'], [0], 'boom!'],
    ['in the middle', ['Error: \n  at x'], [7], 'Error: boom\n  at x'],
    ['at the end', ['Error: '], [7], 'Error: boom'],
    ['several times', ['A: \nB: \n'], [3, 7], 'A: boom\nB: boom\n'],
    ['side by side', ['<>'], [1, 1], '<boomboom>'],
    ['as the whole text', [], [0], 'boom'],
    ['at the edge of a chunk', ['Error: ', '\n  at x'], [7], 'Error: boom\n  at x'],
    ['next to empty chunks', ['', 'Error: ', '', '!', ''], [7], 'Error: boom!'],
    ['nowhere', ['Error', '!'], [], 'Error!'],
  ])('puts the message back %s', async (_, stored, offsets, whole) => {
    expect(
      await fill(
        stored,
        offsets.map((offset) => hole(offset)),
      ),
    ).toBe(whole);
  });

  it('puts back what was cut out in order, beside the message too', async () => {
    const holes = [hole(0, '1'), hole(2), hole(2, ''), hole(2, '22'), hole(2)];
    expect(await fill(['<', '>'], holes)).toBe('1<>boom22boom');
  });

  it.each([
    ['bytes are missing', ['Err'], [], { templateBytes: 5 }],
    ['bytes are missing before a hole', ['Err'], [hole(5)], { templateBytes: 5 }],
    ['bytes are left over', ['Error!!'], [], { templateBytes: 5 }],
    ['bytes are left over behind a hole', ['Error: !'], [hole(7)], { templateBytes: 7 }],
    ['a hole lies beyond the end', ['Error: '], [hole(9)], {}],
    ['holes are out of order', ['Error: '], [hole(5), hole(2)], {}],
  ])('refuses when %s', async (_, stored, holes, options) => {
    await expect(fill(stored, holes, options)).rejects.toThrow(StorageUnavailable);
  });

  it.each([
    ['short', 5],
    ['long', 3],
  ])('refuses a message that is too %s', async (_, bytes) => {
    const message = { bytes, open: () => [Buffer.from('bo'), Buffer.from('om')] };
    const filled = fillTemplate([], {
      templateBytes: 0,
      holes: [hole(0)],
      message,
    });
    await expect(buffer(filled)).rejects.toThrow(StorageUnavailable);
  });

  it.each([
    ['in the last chunk', ['E', 'rr', 'or and secrets'], 'E'],
    ['behind the last chunk', ['E', 'rr', 'or', ' and secrets'], 'Err'],
  ])('keeps the last piece back when bytes are left over %s', async (_, stored, before) => {
    const passed: Uint8Array[] = [];
    const filled = fillTemplate(streamOf(bytesOf(stored)), {
      templateBytes: 5,
      holes: [],
      message: source(Buffer.alloc(0)),
    });
    await expect(async () => {
      for await (const chunk of filled) passed.push(chunk);
    }).rejects.toThrow(StorageUnavailable);
    expect(Buffer.concat(passed).toString()).toBe(before);
  });

  it('passes many small values on in few pieces, and long ones in pieces of a chunk', async () => {
    const pieces: Uint8Array[] = [];
    const holes = Array.from({ length: 100 }, (_, index) => hole(index, '1'));
    const chunk = Buffer.alloc(65_536, 'x');
    const filled = fillTemplate([chunk, chunk], {
      templateBytes: chunk.length * 2,
      holes: [...holes, hole(chunk.length)],
      message: { bytes: chunk.length * 3, open: () => [chunk, chunk, chunk] },
    });
    for await (const piece of filled) pieces.push(piece);
    expect(Buffer.concat(pieces)).toHaveLength(chunk.length * 5 + 100);
    expect(pieces.length).toBeLessThan(9);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(chunk.length);
  });

  it('restores any text, wherever it and the chunks were cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ kept: bytes, cut: fc.option(bytes) }), { maxLength: 6 }),
        bytes,
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        async (parts, end, message, sizes) => {
          const whole = Buffer.concat([
            ...parts.flatMap(({ kept, cut }) => [kept, cut ?? message]),
            end,
          ]);
          const holes: FilledHole[] = [];
          let templateBytes = 0;
          for (const { kept, cut } of parts) {
            templateBytes += kept.length;
            holes.push({ offset: templateBytes, content: cut ?? undefined });
          }
          const template = Buffer.concat([...parts.map(({ kept }) => kept), end]);
          const chunks: Uint8Array[] = [];
          for (let from = 0; from < template.length; from += chunks.at(-1)?.length ?? 1) {
            chunks.push(template.subarray(from, from + (sizes.next().value ?? 1)));
          }
          const filled = fillTemplate(streamOf(chunks), {
            templateBytes: template.length,
            holes,
            message: source(message),
          });
          expect(await buffer(filled)).toEqual(whole);
        },
      ),
    );
  });
});
