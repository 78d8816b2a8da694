import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { findClickHouseLibrary } from './library.ts';

const packages = { ...manifest.optionalDependencies, ...manifest.peerDependencies };
const here = `${process.platform}-${process.arch}`;
const others = [
  ['linux', 'x64', '@chdb/lib-linux-x64-gnu'],
  ['linux', 'arm64', '@chdb/lib-linux-arm64-gnu'],
  ['darwin', 'x64', '@chdb/lib-darwin-x64'],
  ['darwin', 'arm64', '@chdb/lib-darwin-arm64'],
] as const satisfies [string, string, keyof typeof packages][];

it.each(others.filter(([platform, arch]) => `${platform}-${arch}` !== here))(
  'on %s %s says how to get the package that is missing',
  (platform, arch, name) => {
    expect(() => findClickHouseLibrary(platform, arch)).toThrow(
      expect.objectContaining({
        code: 'embedded_clickhouse_missing',
        message: expect.stringContaining(`npm install --no-save ${name}@${packages[name]}.`),
      }),
    );
  },
);

it('names the server that can be used instead where there is no package at all', () => {
  expect(() => findClickHouseLibrary('win32', 'x64')).toThrow('Set CLICKHOUSE_URL');
});
