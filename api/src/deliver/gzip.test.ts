import { buffer } from 'node:stream/consumers';
import { constants, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gzip } from './gzip.ts';

describe('gzip', () => {
  it('compresses what flows through', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let line = 0; line < 5000; line += 1) yield Buffer.from(`    at line ${line}\n`);
    }
    const compressed = await buffer(gzip(source()));
    expect(gunzipSync(compressed)).toEqual(await buffer(source()));
  });

  it('sends the first bytes before it has seen the last', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first');
      await ended;
      yield Buffer.from('last');
    }
    const received: Uint8Array[] = [];
    const seen = () =>
      gunzipSync(Buffer.concat(received), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    for await (const chunk of gzip(source())) {
      received.push(chunk);
      if (seen() === 'first') end();
    }
    expect(seen()).toBe('firstlast');
  });

  it('passes an error of its source on, without the end of a gzip stream', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first');
      throw new Error('broken');
    }
    const received: Uint8Array[] = [];
    await expect(async () => {
      for await (const chunk of gzip(source())) received.push(chunk);
    }).rejects.toThrow('broken');
    expect(() => gunzipSync(Buffer.concat(received))).toThrow('unexpected end of file');
  });

  it('ends its source when nobody reads on', async () => {
    let ended = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(1000);
      } finally {
        ended = true;
      }
    }
    const stream = gzip(source());
    await stream.next();
    await stream.return();
    await expect.poll(() => ended).toBe(true);
  });
});
