import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { CollectorError } from './collector-errors.ts';

/** What a build needs to know. */
interface Build {
  /** Path of the `go` command. */
  go: string;
  /** Text of the builder's manifest. */
  manifest: string;
  /** The directory that is to hold `otelcol-contrib`. Appears at once, complete, or not at all. */
  target: string;
  /** Takes one line of progress. */
  report: (line: string) => void;
}

const heartbeatMs = 30_000;

/**
 * Builds a Collector with the OpenTelemetry Collector Builder.
 *
 * @throws {CollectorError} `collector_build_failed`, with the end of what the builder said.
 */
export async function buildCollector({ go, manifest, target, report }: Build): Promise<void> {
  const version = /^ {2}version: (\S+)$/m.exec(manifest)?.[1];
  if (version === undefined) {
    throw new CollectorError('collector_build_failed', 'builder.yaml names no dist.version');
  }
  await mkdir(path.dirname(target), { recursive: true });
  // Beside the target, as a directory can be renamed only within one file system.
  const workshop = await mkdtemp(path.join(path.dirname(target), 'build-'));
  try {
    await writeFile(path.join(workshop, 'builder.yaml'), manifest);
    report(`building otelcol-contrib ${version} with Go; this takes minutes, and only once`);
    const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;
    await run(go, ['run', builder, '--config', 'builder.yaml'], workshop, report);
    await install(path.join(workshop, 'out'), target);
    report(`built ${path.join(target, 'otelcol-contrib')}`);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/**
 * The version that a Collector's executable says it has.
 *
 * @throws {CollectorError} `collector_unavailable` when it does not run or names none.
 */
export async function readVersion(executable: string): Promise<string> {
  const output = await promisify(execFile)(executable, ['--version']).then(
    ({ stdout }) => stdout,
    (error: Error) => error.message,
  );
  const version = /version v?(\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (version !== undefined) return version;
  throw new CollectorError(
    'collector_unavailable',
    `${executable} --version names no version: ${output}`,
  );
}

async function install(built: string, target: string): Promise<void> {
  try {
    await rename(built, target);
  } catch (error) {
    // Somebody else built the same manifest meanwhile, and was faster.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function run(
  go: string,
  args: readonly string[],
  cwd: string,
  report: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const output: string[] = [];
    const child = spawn(go, args, {
      cwd,
      // GOWORK and GOFLAGS of whoever calls are about other modules. The builder looks for `go` itself.
      env: {
        ...process.env,
        GOWORK: 'off',
        GOFLAGS: '-buildvcs=false',
        PATH: `${path.dirname(go)}${path.delimiter}${process.env['PATH'] ?? ''}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const heartbeat = setInterval(() => {
      report(`still building (${Math.round((Date.now() - began) / 1000)} s)`);
    }, heartbeatMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output.push(chunk);
        for (const [, step] of chunk.matchAll(/INFO\t\S+\t([^\t\n]+)/g)) report(step ?? '');
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(heartbeat);
      if (code === 0) return resolve();
      const end = output.join('').trimEnd().split('\n').slice(-20).join('\n');
      reject(
        new CollectorError(
          'collector_build_failed',
          `The Collector's builder ended with ${String(code)}:\n${end}`,
        ),
      );
    });
  });
}
