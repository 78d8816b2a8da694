import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const repository = path.join(import.meta.dirname, '..');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'failtrace-reporter-'));
  await symlink(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'));
  const reporter = JSON.stringify(path.join(import.meta.dirname, 'summary-reporter.ts'));
  await writeFile(
    path.join(directory, 'vitest.config.ts'),
    `import { summaryReporter } from ${reporter};
     export default { test: { reporters: ['default', summaryReporter()] } };`,
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Runs a real vitest over one test file, and gives what it wrote and how it ended. */
async function run(source: string, CI = '') {
  await writeFile(path.join(directory, 'sample.test.ts'), source);
  const vitest = path.join(repository, 'node_modules', 'vitest', 'vitest.mjs');
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run'], {
    cwd: directory,
    env: { ...env, NO_COLOR: '1', CI },
    encoding: 'utf8',
  });
  return { lines: stdout.trimEnd().split('\n'), status };
}

it('counts in the last line, and names before it what was skipped, and why', async () => {
  const { lines, status } = await run(`
    import { describe, expect, it } from 'vitest';
    it('stands', () => expect(1).toBe(1));
    it('asks', (context) => context.skip('there is no Go on this machine'));
    describe('later', () => { it.todo('comes') });
  `);
  expect(lines.slice(-3)).toEqual([
    'skipped: sample.test.ts > asks: there is no Go on this machine',
    'skipped: sample.test.ts > later > comes: it is not written yet',
    '1 passed, 0 failed, 2 skipped',
  ]);
  expect(status).toBe(0);
});

const skipping = `
  import { expect, it } from 'vitest';
  it('stands', () => expect(1).toBe(1));
  it('asks', (context) => context.skip('there is no Go on this machine'));
`;

it.each(['true', '1'])('fails where CI is %s and a test was skipped', async (CI) => {
  const { lines, status } = await run(skipping, CI);
  expect(lines.slice(-3)).toEqual([
    'skipped: sample.test.ts > asks: there is no Go on this machine',
    'CI is set, so that nothing may be skipped: this run has failed.',
    '1 passed, 0 failed, 1 skipped',
  ]);
  expect(status).toBe(1);
});

it('does not fail where CI is false', async () => {
  expect(await run(skipping, 'false')).toMatchObject({ status: 0 });
});

it('does not fail where CI is true and every test ran', async () => {
  const { lines, status } = await run(
    `import { expect, it } from 'vitest'; it('stands', () => expect(1).toBe(1));`,
    'true',
  );
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  expect(status).toBe(0);
});

it('counts what failed in a test, before one, and beside them', async () => {
  const { lines, status } = await run(`
    import { beforeAll, describe, expect, it } from 'vitest';
    it('falls', () => expect(1).toBe(2));
    describe('hook', () => {
      beforeAll(() => { throw new Error('no server') });
      it('never runs', () => expect(1).toBe(1));
    });
    it('leaves something behind', async () => {
      setTimeout(() => { throw new Error('too late') });
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
  `);
  expect(lines.slice(-2)).toEqual([
    'skipped: sample.test.ts > hook > never runs: what it needs failed before it',
    '1 passed, 3 failed, 1 skipped',
  ]);
  expect(status).not.toBe(0);
});

it('counts a file that does not load', async () => {
  const { lines } = await run(`throw new Error('no');`);
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
});
