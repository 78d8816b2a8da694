import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setInterval as ticks } from 'node:timers/promises';
import { CollectorError } from './collector-errors.ts';
import { resolveCollector } from './resolve-collector.ts';

/** What a Collector under test is started with. */
export interface CollectorOptions {
  /** Path of the configuration file. */
  config: string;
  /** Path of the builder's manifest, where it needs other parts than `otel-collector.yaml`. */
  manifest?: string;
  /** Environment variables for it. Nothing of this process's own environment is passed on. */
  env: Readonly<Record<string, string>>;
  otlpHttpPort: number;
  otlpGrpcPort: number;
  healthPort: number;
  /** Where the sending queue lives. Give it again to a later start to go on with what it holds. */
  storageDirectory: string;
  /**
   * Settings that take the place of the file's, each `key::key: value` as in the Collector's own
   * `--config yaml:…`.
   */
  overrides?: readonly string[];
}

/** A Collector that runs, on loopback. */
export interface RunningCollector {
  pid: number;
  /** Ends it with SIGTERM, and so with what its queue does on an orderly end; waits for the end. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would; waits for the end. */
  kill(): Promise<void>;
  /** All that it has logged so far. */
  log(): string;
}

const startLimitMs = 30_000;
const stopLimitMs = 15_000;

/**
 * Starts the real Collector and waits until its health check answers.
 *
 * @throws {CollectorError} when there is none, or `collector_start_failed` with its log when it ends
 * or is not healthy within 30 s.
 */
export async function startCollector(options: CollectorOptions): Promise<RunningCollector> {
  const collector = await resolveCollector(process.env, options.manifest);
  const overrides = [
    // Its own metrics have a fixed port, which two Collectors on one machine cannot share.
    'service::telemetry::metrics::level: none',
    ...(options.overrides ?? []),
  ];
  const child = spawn(
    collector.path,
    ['--config', options.config, ...overrides.flatMap((line) => ['--config', `yaml:${line}`])],
    {
      env: {
        FAILTRACE_COLLECTOR_HTTP_ENDPOINT: `127.0.0.1:${options.otlpHttpPort}`,
        FAILTRACE_COLLECTOR_GRPC_ENDPOINT: `127.0.0.1:${options.otlpGrpcPort}`,
        FAILTRACE_COLLECTOR_HEALTH_ENDPOINT: `127.0.0.1:${options.healthPort}`,
        FAILTRACE_COLLECTOR_STORAGE: options.storageDirectory,
        ...options.env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const ended = once(child, 'close');
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  child.once('close', () => process.removeListener('exit', killNow));

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(killNow, stopLimitMs);
    await ended;
    clearTimeout(timer);
  };

  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  if (!(await becomesHealthy(options.healthPort, hasEnded))) {
    await end('SIGKILL');
    throw new CollectorError(
      'collector_start_failed',
      `The Collector did not start with ${options.config}:\n${log.trimEnd()}`,
    );
  }
  return {
    pid: child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log: () => log,
  };
}

async function becomesHealthy(port: number, hasEnded: () => boolean): Promise<boolean> {
  const limit = Date.now() + startLimitMs;
  for await (const _ of ticks(50)) {
    // Refused while it starts: that is what is being waited for.
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer?.ok === true) return true;
    if (hasEnded() || Date.now() > limit) return false;
  }
  return false;
}
