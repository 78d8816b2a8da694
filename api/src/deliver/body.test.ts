import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { TraceTextBroken } from '../errors.ts';
import { openBody } from './body.ts';
import { readAhead } from './read-ahead.ts';

const here = new AbortController().signal;

async function* numbers(upTo: number, seen: { last: number }): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < upTo; number += 1) {
    seen.last = number;
    yield Buffer.alloc(1000, String(number % 10));
  }
}

function ignore(): void {}

describe('openBody', () => {
  it('asks for no more than is read', async () => {
    const seen = { last: -1 };
    const body = await openBody(async () => numbers(100, seen), here, ignore);
    expect(seen.last).toBe(-1);
    const reader = body.getReader();
    await reader.read();
    await reader.read();
    expect(seen.last).toBe(1);
    await reader.cancel();
  });

  it('errors, and says why to the log alone', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      throw new Error('SELECT secret');
    }
    const logged: unknown[] = [];
    const body = await openBody(
      async () => broken(),
      here,
      (cause) => logged.push(cause),
    );
    const error: unknown = await buffer(body).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TraceTextBroken);
    expect(String(error)).not.toContain('secret');
    expect(logged).toMatchObject([{ message: 'SELECT secret' }]);
  });

  it('tells its source when nobody reads on', async () => {
    let signal: AbortSignal | undefined;
    const body = await openBody(
      async (given) => {
        signal = given;
        return numbers(100, { last: 0 });
      },
      here,
      ignore,
    );
    expect(signal?.aborted).toBe(false);
    await body.cancel();
    expect(signal?.aborted).toBe(true);
  });

  it('rejects when the source cannot be opened', async () => {
    const failing = async () => Promise.reject<AsyncGenerator<Uint8Array>>(new Error('closed'));
    await expect(openBody(failing, here, ignore)).rejects.toThrow('closed');
  });
});

describe('readAhead', () => {
  it('gives the whole stream, of which it has read the first 64 KiB', async () => {
    const seen = { last: 0 };
    const whole = await readAhead(numbers(200, seen));
    expect(seen.last).toBe(65);
    expect((await buffer(whole)).equals(await buffer(numbers(200, seen)))).toBe(true);
  });

  it('fails at once where a short stream fails', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      throw new Error('broken');
    }
    await expect(readAhead(broken())).rejects.toThrow('broken');
  });
});
