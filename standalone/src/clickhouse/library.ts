import { createRequire } from 'node:module';
import path from 'node:path';
import { StartError } from '../errors.ts';

/** The npm packages that carry ClickHouse, by `process.platform` and `process.arch`. */
const packages: Record<string, string> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'darwin-arm64': '@chdb/lib-darwin-arm64',
};

/** The release that package.json asks for, of every one of them. */
const release = '26.7.3-stable.1';

const insteadUseServer = 'Set CLICKHOUSE_URL to a ClickHouse server that runs elsewhere.';

/**
 * Finds the ClickHouse library that npm installed for this machine.
 *
 * @throws StartError `embedded_clickhouse_missing` where there is none for this platform.
 */
export function findClickHouseLibrary(platform: string, arch: string): string {
  const name = packages[`${platform}-${arch}`];
  if (!name) {
    throw new StartError(
      'embedded_clickhouse_missing',
      `There is no embedded ClickHouse for ${platform} on ${arch}. ${insteadUseServer}`,
    );
  }
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return path.join(path.dirname(manifest), 'libchdb.so');
  } catch (cause) {
    throw new StartError(
      'embedded_clickhouse_missing',
      `The package ${name} is not installed: run npm install --no-save ${name}@${release}. ${insteadUseServer}`,
      { cause },
    );
  }
}
