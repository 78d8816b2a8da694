import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

// What can be wrong about the containers and be seen without a container engine.

interface Service {
  image: string;
  build?: { target: string };
  command?: string[];
  environment?: Record<string, string | number>;
  networks?: string[];
  configs?: { source: string; target: string }[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
}

interface Manifest {
  dist: { version: string };
  receivers: { gomod: string }[];
  processors: { gomod: string }[];
  exporters: { gomod: string }[];
  extensions: { gomod: string }[];
}

interface PackageJson {
  workspaces?: string[];
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Compose {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
}

const compose: Compose = parse(read('docker-compose.yml'), {
  merge: true,
});
const services = Object.entries(compose.services);
const dockerfile = read('Dockerfile');
const collectorConfig = read('otel-collector.yaml');
const manifest: Manifest = parse(read('e2e/collector/builder.yaml'));
const workspaceRoot: PackageJson = JSON.parse(read('package.json'));
const standalone: PackageJson = JSON.parse(read('standalone/package.json'));

const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(
  ([, from = '', name = '']) => ({
    from,
    name,
  }),
);

describe('docker-compose.yml', () => {
  it('has the five parts and the gateway in front of the dashboard', () => {
    expect(services.map(([name]) => name).toSorted()).toEqual([
      'api',
      'clickhouse',
      'collector',
      'dashboard',
      'gateway',
      'receiver',
    ]);
  });

  it('publishes ports on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('takes images of one release, or builds a target of the Dockerfile', () => {
    const targets = new Set(stages.map(({ name }) => name));
    const unknown = services.filter(([, { image, build }]) =>
      build === undefined ? !/:\d+\.\d+(\.\d+)*$/.test(image) : !targets.has(build.target),
    );
    expect(unknown).toEqual([]);
  });

  it('has no secret that is the same everywhere', () => {
    const settings = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secrets = settings
      .map((setting) => setting.join('='))
      .filter((setting) => /PASSWORD|_KEY\b/.test(setting));
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((setting) => !/\$\{\w+:\?/.test(setting))).toEqual([]);
  });

  it('gives the user of ClickHouse that writes to the receiver alone', () => {
    const holding = (secret: string) =>
      services
        .filter(([, { environment = {} }]) =>
          Object.values(environment).some((value) => String(value).includes(`\${${secret}:?`)),
        )
        .map(([name]) => name);
    expect(holding('CLICKHOUSE_PASSWORD')).toEqual(['clickhouse', 'receiver']);
    expect(holding('CLICKHOUSE_READER_PASSWORD')).toEqual(['clickhouse', 'api']);
    const near = services.filter(([, { networks = [] }]) => networks.includes('storage'));
    expect(near.map(([name]) => name)).toEqual(['clickhouse', 'receiver', 'api']);
  });

  it('lets the user of the API read its database, and do nothing else', () => {
    const [mounted] = compose.services['clickhouse']?.configs ?? [];
    expect(mounted?.target).toMatch(/^\/etc\/clickhouse-server\/users\.d\/[\w-]+\.xml$/);
    const xml = compose.configs[mounted?.source ?? '']?.content ?? '';
    const setting = String(compose.services['api']?.environment?.['CLICKHOUSE_URL']);
    const url = new URL(setting.replace(/\$\{\w+:\?\}/, 'password'));
    const user = new RegExp(`<users>\\s*<${url.username}>([^]*)</${url.username}>\\s*</users>`);
    const [, its = ''] = user.exec(xml) ?? [];
    expect(its.match(/<query>.*<\/query>/g)).toEqual([
      `<query>GRANT SELECT ON ${url.pathname.slice(1)}.*</query>`,
    ]);
    expect(its).toContain(`<profile>${url.username}</profile>`);
    expect(its).toContain('<password from_env="CLICKHOUSE_READER_PASSWORD"/>');
    expect(its).not.toContain('access_management');
    expect(xml).toMatch(new RegExp(`<${url.username}>\\s*<readonly>2</readonly>`));
  });

  it('starts main files that exist', () => {
    const mains = services.flatMap(([, { command = [] }]) => command.slice(1));
    expect(mains).toHaveLength(3);
    const sources = mains.map((main) => main.replace('/dist/', '/src/').replace('.js', '.ts'));
    expect(sources.filter((source) => !existsSync(path.join(root, source)))).toEqual([]);
  });

  it('waits only for services that say how they are', () => {
    const awaited = services.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on));
    expect(awaited.length).toBeGreaterThan(0);
    for (const name of awaited) {
      const service = compose.services[name];
      const saysSo = service?.healthcheck !== undefined || service?.build?.target === 'failtrace';
      expect({ name, saysSo }).toEqual({ name, saysSo: true });
    }
    expect(dockerfile).toMatch(/ AS failtrace$[^]*^HEALTHCHECK [^]*^FROM .* AS collector$/m);
  });

  it('sets only what otel-collector.yaml reads', () => {
    const own = Object.keys(compose.services['collector']?.environment ?? {});
    const unread = own.filter((name) => !collectorConfig.includes(`\${env:${name}:-`));
    expect(unread).toEqual(['GOMEMLIMIT']);
  });

  it('takes the ClickHouse release whose library the standalone embeds', () => {
    const { optionalDependencies, peerDependencies } = standalone;
    const embedded = Object.values({ ...optionalDependencies, ...peerDependencies });
    const releases = new Set(embedded.map((version) => /^\d+\.\d+/.exec(version)?.[0]));
    expect([...releases]).toEqual([compose.services['clickhouse']?.image.split(':')[1]]);
  });
});

describe('Dockerfile', () => {
  it('takes its images from known releases', () => {
    const outside = stages
      .map(({ from }) => from)
      .filter((from) => !stages.some(({ name }) => name === from));
    expect(outside.filter((image) => !/:\d+[^:]*$/.test(image))).toEqual([]);
  });

  it('has the Collector of the release that the tests run', () => {
    const { from } = stages.find(({ name }) => name === 'collector') ?? { from: '' };
    expect(from).toBe(`otel/opentelemetry-collector-contrib:${manifest.dist.version}`);
    const parts = [
      ...manifest.receivers,
      ...manifest.processors,
      ...manifest.exporters,
      ...manifest.extensions,
    ];
    expect(new Set(parts.map(({ gomod }) => gomod.split(' v')[1]))).toEqual(
      new Set([manifest.dist.version]),
    );
  });

  it('knows every workspace, without which npm ci refuses the lock file', () => {
    const copies = dockerfile.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm);
    const copied = new Set([...copies].map(([, folder]) => folder));
    expect(copied).toEqual(new Set(workspaceRoot.workspaces));
  });
});
