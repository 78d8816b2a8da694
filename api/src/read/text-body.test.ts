import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../errors.ts';
import { textBody } from './text-body.ts';

const tag = 'chksbrmgeecihgro';
const block = `\r\n__exception__\r\n${tag}\r\nCode: 241. DB::Exception: SELECT secret\n40 ${tag}\r\n__exception__\r\n`;
const text = Buffer.from('    at frame (__file__.py:1:2)\r\n__exception__\r\n'.repeat(40));

/** A stream of what was cut into pieces of some size, one after the other. */
function piecesOf(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size);
  const pieces = Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

/** What was passed on, and what it ended with. */
async function read(stream: AsyncIterable<Uint8Array>) {
  const passed: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const piece of stream) passed.push(piece);
  } catch (thrown) {
    error = thrown;
  }
  return { passed: Buffer.concat(passed).toString(), error };
}

describe('textBody', () => {
  it.each([1, 7, 100_000])('is the text, in pieces of %i bytes', async (size) => {
    const body = textBody(piecesOf(text, size), tag);
    expect((await buffer(body)).equals(text)).toBe(true);
  });

  it.each([1, 2, 17, 18, 19, 40, 100_000])(
    'does not pass on an error that comes in pieces of %i bytes',
    async (size) => {
      const stream = piecesOf(Buffer.concat([text, Buffer.from(block)]), size);
      const { passed, error } = await read(textBody(stream, tag));
      expect(error).toBeInstanceOf(StorageUnavailable);
      expect(passed).not.toContain(tag);
      expect(passed).not.toContain('DB::Exception');
      expect(stream.destroyed).toBe(true);
    },
  );

  it('takes the tag of another answer for text', async () => {
    const { error } = await read(textBody(piecesOf(Buffer.from(block), 50), 'abcdefghijkl'));
    expect(error).toBeUndefined();
  });

  it('notices that nothing comes any more', async () => {
    const stream = new PassThrough();
    stream.write('text');
    const { passed, error } = await read(textBody(stream, tag, 20));
    expect(passed).toBe('text');
    expect(error).toMatchObject({ message: 'The storage stalled in mid-text.' });
    expect(stream.destroyed).toBe(true);
  });

  it('lets its reader take longer than that, and notices it thereafter', async () => {
    const stream = new PassThrough();
    stream.write('text');
    const body = textBody(stream, tag, 20);
    await body.next();
    await sleep(60);
    stream.write('more');
    expect((await body.next()).value?.toString()).toBe('more');
    await expect(body.next()).rejects.toThrow('stalled');
  });

  it('reads only a little ahead of its reader', async () => {
    let made = 0;
    const stream = new Readable({
      highWaterMark: 1,
      read() {
        made += 1;
        this.push(made < 1000 ? Buffer.alloc(1000) : null);
      },
    });
    const body = textBody(stream, tag);
    await body.next();
    await sleep(20);
    expect(made).toBeLessThan(10);
    expect((await buffer(body)).length).toBe(998_000);
  });

  it('ends the stream when nobody reads on', async () => {
    const stream = new PassThrough();
    stream.write('text');
    const body = textBody(stream, tag);
    await body.next();
    await body.return();
    expect(stream.destroyed).toBe(true);
  });

  it('ends with the error that the stream has, behind what came before it', async () => {
    const stream = new PassThrough();
    stream.write('text');
    const body = textBody(stream, tag);
    await body.next();
    stream.destroy(new Error('reset'));
    await expect(body.next()).rejects.toThrow('reset');
  });
});
