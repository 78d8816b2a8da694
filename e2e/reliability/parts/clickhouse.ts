import { randomBytes } from 'node:crypto';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from 'failtrace';
import { freePorts } from '../../collector/free-ports.ts';

/** The database of failtrace in it. */
export const DATABASE = 'ft_reliability';

/** A real ClickHouse server in a process of its own, which comes back at the same place. */
export interface ClickHousePart {
  /** With the database, and the login of the user that may write, or of the one that may read. */
  writeUrl: string;
  readUrl: string;
  /** The process that it is now. */
  pid(): number;
  /** Starts it again after it was killed or stopped; it may take other files than before. */
  start(): Promise<void>;
  /** Ends it as the kernel does that has run out of memory. */
  kill(): Promise<void>;
  /** Ends it as it should be. */
  stop(): Promise<void>;
}

/** Starts a server with its data in this directory. */
export async function startClickHouse(directory: string): Promise<ClickHousePart> {
  const [httpPort = 0, nativePort = 0] = await freePorts(2);
  const secret = () => randomBytes(32).toString('base64url');
  // A cluster of one: so the port and the passwords are the same after a restart.
  const clusterMember = {
    cluster: 'one_server',
    shards: [[nativePort]],
    shard: 0,
    replica: 0,
    httpPort,
    passwords: { writer: secret(), reader: secret() },
    secret: secret(),
  };
  const begin = () => startEmbeddedClickHouse(directory, { databases: ['ft_*'], clusterMember });
  let running: EmbeddedClickHouse | undefined = await begin();
  const { writeUrl, readUrl } = running;
  return {
    writeUrl: new URL(DATABASE, writeUrl).href,
    readUrl: new URL(DATABASE, readUrl).href,
    pid: () => running?.pid ?? 0,
    async start() {
      running = await begin();
    },
    async kill() {
      const killed = running;
      running = undefined;
      if (!killed) return;
      process.kill(killed.pid, 'SIGKILL');
      await killed.ended;
    },
    async stop() {
      const stopped = running;
      running = undefined;
      await stopped?.stop();
    },
  };
}
