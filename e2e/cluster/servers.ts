import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedClickHouse, type ClusterMember, type EmbeddedClickHouse } from 'failtrace';
import { freePorts } from '../collector/free-ports.ts';

/** The name by which the servers know the cluster that they are. */
export const CLUSTER = 'two_servers';

/** One real ClickHouse server of a cluster, which can be killed and started again. */
export interface ClusterServer {
  /** With the login of the user that may write, and of the one that may read; without a database. */
  writeUrl: string;
  readUrl: string;
  /** The process that it is until it is killed or stopped. */
  pid: number;
  /** Its native port on 127.0.0.1. */
  nativePort: number;
  /** Ends it as the kernel does that has run out of memory. */
  kill(): Promise<void>;
  /** Ends it as it should be. */
  stop(): Promise<void>;
  /** Starts it again, at the same place with the same data. */
  start(): Promise<void>;
}

/** How the two servers are put together. */
export interface Layout {
  /** `shards`: each has half of the rows; `replicas`: both are to have all of them. */
  as: 'shards' | 'replicas';
  zooKeeperPort?: number;
  /** What their users may have, `ft_*` by default. */
  databases?: readonly string[];
}

/** Two real ClickHouse servers of one cluster. */
export interface TwoServers {
  servers: [ClusterServer, ClusterServer];
  stop(): Promise<void>;
}

/** Starts two servers of one cluster that are reached on loopback addresses alone. */
export async function startTwoServers({
  as,
  zooKeeperPort,
  databases = ['ft_*'],
}: Layout): Promise<TwoServers> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-cluster-'));
  const [first = 0, second = 0, ...httpPorts] = await freePorts(4);
  const nativePorts = [first, second];
  const shared = {
    cluster: CLUSTER,
    shards: as === 'shards' ? [[first], [second]] : [nativePorts],
    passwords: { writer: secret(), reader: secret() },
    secret: secret(),
    zooKeeperPort,
  };
  const running = new Set<EmbeddedClickHouse>();

  async function startServer(index: 0 | 1): Promise<ClusterServer> {
    const httpPort = httpPorts[index] ?? 0;
    const place = as === 'shards' ? { shard: index, replica: 0 } : { shard: 0, replica: index };
    const clusterMember: ClusterMember = { ...shared, ...place, httpPort };
    const dataDirectory = path.join(directory, String(index));
    const begin = async () => {
      const begun = await startEmbeddedClickHouse(dataDirectory, {
        databases,
        clusterMember,
      });
      running.add(begun);
      return begun;
    };
    let server = await begin();
    const { writeUrl, readUrl, pid } = server;
    return {
      pid,
      writeUrl,
      readUrl,
      nativePort: nativePorts[index] ?? 0,
      async start() {
        server = await begin();
      },
      async kill() {
        running.delete(server);
        process.kill(server.pid, 'SIGKILL');
        await server.ended;
      },
      async stop() {
        running.delete(server);
        await server.stop();
      },
    };
  }

  return {
    servers: [await startServer(0), await startServer(1)],
    async stop() {
      await Promise.all([...running].map((server) => server.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
