import { createHash } from 'node:crypto';
import { access, constants, readFile } from 'node:fs/promises';
import { arch, homedir, platform } from 'node:os';
import path from 'node:path';
import { buildCollector, readVersion } from './build-collector.ts';
import { CollectorError } from './collector-errors.ts';
import { isAtLeast } from './version.ts';

/** A Collector that can be run. */
export interface Collector {
  /** Absolute path of the executable. */
  path: string;
  /** As the executable itself says, for example `0.161.0`. */
  version: string;
  /** `path`: installed on this machine. `built`: made from `builder.yaml`, and cached. */
  origin: 'path' | 'built';
}

/** The first version whose filter processor knows `trace_conditions`. */
const oldestUsable = '0.146.0';

/** The parts that otel-collector.yaml names. */
const usualManifest = path.join(import.meta.dirname, 'builder.yaml');

/**
 * Finds `otelcol-contrib` on the PATH; otherwise builds one with Go, once, into
 * `$XDG_CACHE_HOME/failtrace` (or `~/.cache/failtrace`). The first build takes minutes and reports on
 * stderr.
 *
 * @param manifest file of what is built
 * @throws {CollectorError} `collector_unavailable` when there is neither a Collector nor Go;
 * `collector_build_failed` with the builder's own words when the build fails.
 */
export async function resolveCollector(
  env: Readonly<Record<string, string | undefined>> = process.env,
  manifest = usualManifest,
): Promise<Collector> {
  const directories = (env['PATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');

  const installed = await findExecutable('otelcol-contrib', directories);
  if (installed !== undefined) {
    const version = await readVersion(installed);
    if (isAtLeast(version, oldestUsable)) return { path: installed, version, origin: 'path' };
    say(`${installed} is ${version}, and ${oldestUsable} or newer is needed: building one instead`);
  }

  const text = await readFile(manifest, 'utf8');
  const cached = path.join(cacheDirectory(env), cacheKey(text), 'otelcol-contrib');
  if (await isExecutable(cached)) {
    return { path: cached, version: await readVersion(cached), origin: 'built' };
  }

  // Go's own installer puts it there and leaves the PATH to the user.
  const go = await findExecutable('go', [...directories, '/usr/local/go/bin']);
  if (go === undefined) {
    throw new CollectorError(
      'collector_unavailable',
      `No OpenTelemetry Collector: install otelcol-contrib ${oldestUsable} or newer on the PATH ` +
        '(https://opentelemetry.io/docs/collector/install/), or Go 1.25 or newer ' +
        '(https://go.dev/doc/install), with which the Collector is then built once.',
    );
  }
  await buildCollector({ go, manifest: text, target: path.dirname(cached), report: say });
  return { path: cached, version: await readVersion(cached), origin: 'built' };
}

function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const configured = env['XDG_CACHE_HOME'];
  // The XDG specification: a relative path is invalid and to be ignored.
  const base =
    configured !== undefined && path.isAbsolute(configured)
      ? configured
      : path.join(homedir(), '.cache');
  return path.join(base, 'failtrace', 'collector');
}

function cacheKey(manifestText: string): string {
  const digest = createHash('sha256').update(manifestText).digest('hex').slice(0, 16);
  return `${digest}-${platform()}-${arch()}`;
}

async function findExecutable(
  name: string,
  directories: readonly string[],
): Promise<string | undefined> {
  const candidates = directories.map((directory) => path.resolve(directory, name));
  const usable = await Promise.all(candidates.map(isExecutable));
  return candidates[usable.indexOf(true)];
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function say(line: string): void {
  process.stderr.write(`collector: ${line}\n`);
}
