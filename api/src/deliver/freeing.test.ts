import { execFile } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createFreeing } from './freeing.ts';

describe('createFreeing', () => {
  it('passes every byte on, and collects each 3 MiB of all streams together', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 100; chunk += 1) yield Buffer.alloc(65_536, chunk);
    }
    let collected = 0;
    const freeing = createFreeing(() => void (collected += 1));
    const passed = await Promise.all([buffer(freeing(source())), buffer(freeing(source()))]);
    const whole = await buffer(source());
    expect(passed.map((bytes) => bytes.equals(whole))).toEqual([true, true]);
    expect(collected).toBe(4);
  });
});

describe('importing this library', () => {
  it('changes no flag of the process', async () => {
    const script = `
      const { createApp } = await import('@failtrace/api');
      createApp({ reader: {}, guard: async () => ({}) });
      const { runInNewContext } = await import('node:vm');
      console.log(runInNewContext('typeof gc'));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=failtrace-source', '--input-type=module', `--eval=${script}`],
      { cwd: import.meta.dirname },
    );
    expect(stdout).toBe('undefined\n');
  });
});
