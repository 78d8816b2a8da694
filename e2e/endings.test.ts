import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { startFailtrace } from './command/failtrace-process.ts';
import { startBelow, type StartedBelow } from './command/npm-start.ts';
import { sendOneFailure } from './command/one-failure.ts';
import { isRunning } from './command/processes.ts';

const patience = { timeout: 30_000, interval: 50 };

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-endings-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(
  command: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<StartedBelow> {
  const started = await startBelow(command, env);
  onTestFinished(async () => {
    for (const pid of started.descendants) if (await isRunning(pid)) process.kill(pid, 'SIGKILL');
    await expectAllGone(started.descendants);
  });
  return started;
}

async function expectAllGone(pids: readonly number[]): Promise<void> {
  const running = () => Promise.all(pids.map(isRunning));
  await expect.poll(running, patience).toEqual(pids.map(() => false));
}

/** What npm runs for `npx failtrace` in a project that has it, told where the sources are. */
const asNpx = [
  'npm',
  'exec',
  '--call',
  'node --conditions=failtrace-source standalone/src/main.ts',
] as const;

describe.each([
  ['npm start', ['npm', 'start'] as const],
  ['npx', asNpx],
])('under %s', (_, command) => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'everything ends on %s, and nothing that was acknowledged is lost',
    async (signal) => {
      const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
      const { child, descendants, otlpUrl, output } = await start(command, env);
      const stackText = await sendOneFailure(otlpUrl, '4711');
      expect(descendants.length).toBeGreaterThanOrEqual(2);
      // A terminal sends it to the whole group, and everything else to the one process that it names.
      if (signal === 'SIGINT') process.kill(-(child.pid ?? 0), signal);
      else child.kill(signal);
      await expectAllGone(descendants);
      await expect.poll(output, patience).toContain('Stopped after');

      const again = await startFailtrace(env);
      onTestFinished(async () => void (await again.end('SIGTERM')));
      const response = await fetch(`${again.dashboardUrl}/api/runs/4711/trace`);
      expect(await response.text()).toBe(stackText);
    },
  );
});

/** Ends a test where this machine lets no process be the first one of a namespace, as in a container. */
function needsNamespaces(context: TestContext): void {
  const { status } = spawnSync('unshare', ['--pid', '--fork', 'true']);
  if (platform() === 'linux' && status === 0) return;
  context.skip('unshare cannot make a namespace of processes here');
}

describe('the first process of a container', () => {
  const inNamespace = ['unshare', '--pid', '--fork', process.execPath] as const;
  const program = ['--conditions=failtrace-source', 'standalone/src/main.ts'];

  it('ends when it is told to', async (context) => {
    needsNamespaces(context);
    const env = { FAILTRACE_DATA_DIR: await temporaryDirectory() };
    const { descendants, output } = await start([...inNamespace, ...program], env);
    const [first = 0] = descendants;
    process.kill(first, 'SIGTERM');
    await expectAllGone(descendants);
    expect(output()).toContain('Stopped after');
  });
});
