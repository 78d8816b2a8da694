/**
 * What makes an embedded server one of several that form a cluster. For tests and benches alone: such a
 * server has a native port, which the one of `npm start` goes without (docs/decisions/0009).
 */
export interface ClusterMember {
  /** The cluster's name. */
  cluster: string;
  /** The native ports of all its servers, on 127.0.0.1: of each shard, those of its replicas. */
  shards: readonly (readonly number[])[];
  /** Which of them this server is: the indices of its shard, and among that one's replicas. */
  shard: number;
  replica: number;
  /** A fixed one, so that the server is found again after a restart. */
  httpPort: number;
  /** The passwords of its users, fixed for the same reason. */
  passwords: Readonly<Record<'writer' | 'reader', string>>;
  /** What the servers prove to each other that they belong together; the same for all of them. */
  secret: string;
  /** The port of a ZooKeeper on 127.0.0.1, where there is one. */
  zooKeeperPort?: number | undefined;
}

/**
 * What the server's configuration has more for a {@link ClusterMember}.
 *
 * @throws RangeError a name or secret that could end its element
 */
export function clusterXml(member: ClusterMember): string {
  const { cluster, shards, shard, replica, secret, zooKeeperPort } = member;
  const wrong = [cluster, secret].find((text) => !/^[\w-]+$/.test(text));
  if (wrong !== undefined) throw new RangeError(`not a plain word: ${wrong}`);
  const node = (port: number | undefined) => `<host>127.0.0.1</host><port>${port}</port>`;
  const replicas = (ports: readonly number[]) =>
    ports.map((port) => `<replica>${node(port)}</replica>`).join('');
  const zooKeeper = `<zookeeper><node>${node(zooKeeperPort)}</node></zookeeper>`;
  return `<tcp_port>${shards[shard]?.[replica]}</tcp_port>
  <remote_servers>
    <${cluster}>
      <secret>${secret}</secret>
      ${shards.map((ports) => `<shard><internal_replication>true</internal_replication>${replicas(ports)}</shard>`).join('\n      ')}
    </${cluster}>
  </remote_servers>
  <macros><shard>${shard + 1}</shard><replica>${replica + 1}</replica></macros>
  ${zooKeeperPort === undefined ? '' : zooKeeper}`;
}

/** What its writing user may do more than that of a server that stands alone. */
export const clusterGrants: readonly string[] = [
  'CLUSTER ON *.*',
  'READ, WRITE ON REMOTE',
  ...['Distributed', 'ReplicatedMergeTree', 'ReplicatedReplacingMergeTree'].map(
    (engine) => `TABLE ENGINE ON ${engine}`,
  ),
];

/** What both of its users may see of the system besides. */
export const clusterSystemTable = 'system.clusters';
