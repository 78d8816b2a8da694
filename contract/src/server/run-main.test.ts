import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a program whose `main` is the text of a function; it may use what the index exports. */
function run(main: string, expected = '[]') {
  const index = JSON.stringify(new URL('./index.ts', import.meta.url).href);
  const program = `
    const { ListenError, runMain, SettingError } = await import(${index});
    await runMain('failtrace test', ${main}, ${expected});
  `;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
}

describe('runMain', () => {
  it('lets a program end by itself', () => {
    expect(run('async () => console.log("done")')).toMatchObject({
      status: 0,
      stdout: 'done\n',
      stderr: '',
    });
  });

  it.each([
    ['a setting', 'new SettingError("Not so.")'],
    ['listening', 'new ListenError("port_in_use", "Not so.")'],
    ['a class of its own', 'new RangeError("Not so.")'],
  ])('ends with one line for an error of %s', (_, error) => {
    const ended = run(`async () => { throw ${error} }`, '[RangeError]');
    expect(ended).toMatchObject({ status: 1, stderr: 'failtrace test: Not so.\n' });
  });

  it.each([
    ['while main runs', 'async () => { throw reason() }'],
    ['later', 'async (fail) => void setTimeout(() => fail(reason()))'],
  ])('logs a fault %s without what strangers say', (_, main) => {
    const reason = 'const reason = () => Object.assign(new Error("hunter2"), { body: "hunter2" });';
    const { status, stderr } = run(`(() => { ${reason} return ${main} })()`);
    expect(status).toBe(1);
    expect(stderr).not.toContain('hunter2');
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      name: 'failtrace test',
      err: { name: 'Error' },
    });
  });
});
