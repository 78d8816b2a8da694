import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../collector/free-ports.ts';

/** Where Debian's package `zookeeper` puts it. */
const JAR = '/usr/share/java/zookeeper.jar';
const START_MS = 60_000;

/** A real ZooKeeper, on a loopback address alone. */
export interface ZooKeeper {
  port: number;
  /** A path and those right below it, as its own client lists them. */
  list(path: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** @throws where there is no ZooKeeper or no Java; says how to get them */
export async function startZooKeeper(): Promise<ZooKeeper> {
  if (!existsSync(JAR)) {
    throw new Error(`${JAR} is missing: source .ci/toolchains, or install the package zookeeper`);
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-zookeeper-'));
  const [port = 0] = await freePorts(1);
  const configuration = path.join(directory, 'zoo.cfg');
  await writeFile(
    configuration,
    [
      'tickTime=500',
      `dataDir=${path.join(directory, 'data')}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      'admin.enableServer=false',
    ].join('\n'),
  );
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  const server = spawn('java', ['-Xmx128m', '-cp', JAR, main, configuration], { stdio: 'ignore' });
  const killNow = (): void => void server.kill('SIGKILL');
  process.once('exit', killNow);
  const ended = once(server, 'exit');
  await listening(port);
  return {
    port,
    async list(parent) {
      const client = 'org.apache.zookeeper.ZooKeeperMain';
      const args = ['-cp', JAR, client, '-server', `127.0.0.1:${port}`, 'ls', '-R', parent];
      const { stdout } = await promisify(execFile)('java', args);
      const depth = parent.split('/').length + 1;
      return stdout
        .split('\n')
        .filter((line) => line.startsWith(parent) && line.split('/').length <= depth)
        .toSorted();
    },
    async stop() {
      process.removeListener('exit', killNow);
      server.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listening(port: number): Promise<void> {
  const until = performance.now() + START_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    if (performance.now() > until) throw new Error('ZooKeeper does not listen');
    await sleep(100);
  }
}
