import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveCollector } from '../../e2e/collector/resolve-collector.ts';
import type { CollectorPorts } from './config.ts';

/** A Collector of the bench, running. */
export interface CollectorProcess {
  url: string;
  pid: number;
  /** @throws when it has warned of anything, as of a batch that it dropped */
  stop(): Promise<void>;
}

const START_MS = 30_000;

/** The Collector that is compared: `otelcol-contrib` of the PATH, or one that is built. */
export function resolveBenchCollector() {
  return resolveCollector(process.env, fileURLToPath(new URL('./builder.yaml', import.meta.url)));
}

/**
 * Starts a Collector and waits until its health check answers.
 *
 * @param prefix a command to run it by, such as one that puts it into a network of its own
 */
export async function startCollectorProcess(
  configFile: string,
  { host, http, health }: CollectorPorts,
  prefix: readonly string[] = [],
): Promise<CollectorProcess> {
  const { path } = await resolveBenchCollector();
  const [command, ...args] = [...prefix, path, '--config', configFile];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'close');
  const limit = performance.now() + START_MS;
  while (!(await isHealthy(`http://${host}:${health}/`))) {
    if (child.exitCode !== null || performance.now() > limit) {
      child.kill('SIGKILL');
      throw new Error(`The Collector did not start:\n${log}`);
    }
    await sleep(50);
  }
  return {
    url: `http://${host}:${http}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      if (/\t(warn|error)\t/.test(log)) throw new Error(`The Collector warned:\n${log}`);
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
