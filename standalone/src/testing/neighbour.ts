import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';

/** `nobody`, on every system that is meant here. */
export const NEIGHBOUR_UID = 65_534;

/**
 * Ends a test that needs a second user where the process may not become one. That is no pass: in CI,
 * which is asked to have what the tests need, it fails.
 */
export function needsRoot(context: TestContext): void {
  if (process.getuid?.() === 0) return;
  const need = 'needs to run as root, to do what another user of the machine would';
  if (process.env['CI']) throw new Error(need);
  context.skip(need);
}

/** Runs an ES module as another user of this machine, and returns what it printed. */
export async function asNeighbour(module: string): Promise<string> {
  // It gives its rights away itself: Node and this checkout may lie where the other cannot read.
  const drop = `process.setgroups([]); process.setgid(${NEIGHBOUR_UID}); process.setuid(${NEIGHBOUR_UID});`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', `${drop}\n${module}`],
    { cwd: '/', env: {} },
  );
  return stdout;
}
