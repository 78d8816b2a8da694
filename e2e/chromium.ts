import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');

/** The names under which distributions install Chrome or Chromium, the free one first. */
const installedNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
];

/** The first Chrome or Chromium on the PATH, or null. */
export function installedChromium(path: string): string | null {
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    for (const name of installedNames) {
      const file = join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

/**
 * Starts a headless Chromium: an installed one if there is one, else the one from npm.
 *
 * Web security stays on and the browser makes no requests of its own. `close()` on the result ends
 * every process it started; so do SIGINT, SIGTERM and SIGHUP to this process.
 */
export async function launchChromium(): Promise<Browser> {
  const installed = installedChromium(process.env['PATH'] ?? '');
  const bundled = installed === null ? await unpackBundledChromium() : null;
  const executablePath = installed ?? bundled?.executable;
  if (executablePath === undefined) throw new Error('no Chromium was found and none was unpacked');
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    headless: true,
    // Chromium refuses to run its sandbox as root. For everybody else the sandbox stays.
    chromiumSandbox: !isRoot,
    args: flags,
    env: { ...process.env, ...bundled?.env },
  });
}

interface BundledChromium {
  executable: string;
  env: Record<string, string>;
}

/**
 * Unpacks the Chromium that `@sparticuz/chromium` carries, once per version.
 *
 * The package itself unpacks to fixed names in the temporary folder and takes whatever it finds
 * there, also a file that another process is still writing. So it is run in a child process with a
 * temporary folder of its own, and the result is moved into place in one step.
 */
async function unpackBundledChromium(): Promise<BundledChromium> {
  const home = join(root, 'node_modules', '@sparticuz', 'chromium');
  const manifest: unknown = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  const cache = join(root, 'node_modules', '.cache', 'failtrace');
  const target = join(cache, `chromium-${versionOf(manifest)}`);
  if (!existsSync(target)) {
    await mkdir(cache, { recursive: true });
    const staging = await mkdtemp(join(cache, 'unpacking-'));
    await promisify(execFile)(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`,
      ],
      { cwd: root, env: { ...process.env, TMPDIR: staging } },
    );
    await writeFile(join(staging, 'fonts.conf'), fontsConfiguration(target));
    await moveUnlessThere(staging, target);
  }
  // Without any font configuration Chromium draws no text at all; the package brings one font.
  const hasFonts = existsSync('/etc/fonts/fonts.conf');
  return {
    executable: join(target, 'chromium'),
    env: hasFonts ? {} : { FONTCONFIG_FILE: join(target, 'fonts.conf') },
  };
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    await rm(from, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}

function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
</fontconfig>
`;
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error('@sparticuz/chromium has no version in its package.json');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
