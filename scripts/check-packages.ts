/**
 * Checks what the packages publish: publint and "are the types wrong" on each, then all of them
 * packed, installed into an empty folder and imported, every export, by the Node that a user has.
 * Each carries the license that its package.json names.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Entries that are made for a browser's `<script>`, or that start a server when imported. */
const notImportable = new Set(['./bundle.js', './main', './package.json']);

interface Manifest {
  name: string;
  private?: boolean;
  exports: Record<string, unknown>;
}

const root = new URL('..', import.meta.url).pathname;
const license = readFileSync(path.join(root, 'LICENSE'), 'utf8');
const { workspaces } = readJson('package.json') as { workspaces: string[] };
const packages = workspaces
  .map((folder) => ({ folder, ...(readJson(folder, 'package.json') as Manifest) }))
  .filter((manifest) => manifest.private !== true);
const scratch = mkdtempSync(path.join(tmpdir(), 'failtrace-packages-'));

function readJson(...place: string[]): unknown {
  return JSON.parse(readFileSync(path.join(root, ...place), 'utf8'));
}

function run(command: string, args: readonly string[], cwd = root): string {
  console.log(`$ ${command} ${args.join(' ')}`);
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

try {
  const tarballs = packages.map(({ folder }) => {
    run('publint', ['--strict', folder]);
    const packed = run('npm', [
      'pack',
      '--json',
      '--silent',
      '--pack-destination',
      scratch,
      `./${folder}`,
    ]);
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const tarball = path.join(scratch, filename);
    run('attw', [tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'bundle.js']);
    return tarball;
  });

  writeFileSync(path.join(scratch, 'package.json'), '{"private":true,"type":"module"}');
  run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=optional', ...tarballs],
    scratch,
  );
  for (const { name, exports } of packages) {
    const installed = path.join(scratch, 'node_modules', name);
    if (readFileSync(path.join(installed, 'LICENSE'), 'utf8') !== license) {
      throw new Error(`The LICENSE of ${name} is not that of the project.`);
    }
    for (const entry of Object.keys(exports).filter((key) => !notImportable.has(key))) {
      const specifier = path.posix.join(name, entry);
      run(
        'node',
        ['--input-type=module', '--eval', `await import(${JSON.stringify(specifier)})`],
        scratch,
      );
    }
  }
  console.log(`${packages.length} packages are in order.`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
