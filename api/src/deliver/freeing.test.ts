import { execFile } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { collectDeadBy, createFreeing } from './freeing.ts';

/** What a script prints in a process of its own, whose flags are nobody else's. */
async function output(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=failtrace-source', '--input-type=module', `--eval=${script}`],
    { cwd: import.meta.dirname },
  );
  return stdout;
}

describe('createFreeing', () => {
  it('passes every byte on, and collects each 2 MiB of all streams together', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 100; chunk += 1) yield Buffer.alloc(65_536, chunk);
    }
    let collected = 0;
    const freeing = createFreeing(() => void (collected += 1));
    const passed = await Promise.all([buffer(freeing(source())), buffer(freeing(source()))]);
    const whole = await buffer(source());
    expect(passed.map((bytes) => bytes.equals(whole))).toEqual([true, true]);
    expect(collected).toBe(6);
  });
});

describe('collectDeadBy', () => {
  const MiB = 1_048_576;

  /** The kinds of collections, for so much memory held before and, where all is collected, behind it. */
  function collections(held: readonly (number | [before: number, behind: number])[]): string[] {
    const made: string[] = [];
    let now = 0;
    let behind = 0;
    const collectDead = collectDeadBy(
      ({ type }) => {
        made.push(type);
        if (type === 'major') now = behind;
      },
      () => now,
    );
    for (const next of held) {
      [now, behind] = typeof next === 'number' ? [next, next] : next;
      collectDead();
    }
    return made;
  }

  it('collects what is young while little stays behind', () => {
    expect(collections([0, 5 * MiB, 23 * MiB])).toEqual(['minor', 'minor', 'minor']);
  });

  it('collects everything where much stays behind, and then what is young again', () => {
    expect(collections([[25 * MiB, 2 * MiB], 20 * MiB, [27 * MiB, 0]])).toEqual([
      'minor',
      'major',
      'minor',
      'minor',
      'major',
    ]);
  });

  it('does not try again and again what is in use', () => {
    expect(collections([[60 * MiB, 50 * MiB], 60 * MiB, 70 * MiB])).toEqual([
      'minor',
      'major',
      'minor',
      'minor',
    ]);
  });

  it('forgets what was in use', () => {
    const held: [number, number][] = [
      [60 * MiB, 50 * MiB],
      [0, 0],
      [25 * MiB, 0],
    ];
    expect(collections(held)).toEqual(['minor', 'major', 'minor', 'minor', 'major']);
  });

  it('gives back what has grown old', async () => {
    const script = `
      const { createCollectDead } = await import('./freeing.ts');
      const collectDead = createCollectDead();
      const held = () => process.memoryUsage().arrayBuffers;
      const before = held();
      let chunks = Array.from({ length: 400 }, () => Buffer.alloc(65_536));
      for (let time = 0; time < 3; time += 1) collectDead();
      chunks = Array.from({ length: 400 }, () => Buffer.alloc(65_536));
      for (let time = 0; time < 3; time += 1) collectDead();
      console.log((held() - before) / 65_536 < 500);`;
    expect(await output(script)).toBe('true\n');
  });
});

describe('importing this library', () => {
  it('changes no flag of the process', async () => {
    const script = `
      const { createApp } = await import('@failtrace/api');
      createApp({ reader: {}, guard: async () => ({}) });
      const { runInNewContext } = await import('node:vm');
      console.log(runInNewContext('typeof gc'));`;
    expect(await output(script)).toBe('undefined\n');
  });
});
