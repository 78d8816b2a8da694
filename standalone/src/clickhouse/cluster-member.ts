/**
 * What makes an embedded server one of several that form a cluster. For tests and benches alone: such a
 * server has a native port, which the one of `npm start` goes without (docs/decisions/0009).
 */
export interface ClusterMember {
  /** The cluster's name, and the native ports of its servers, each a shard. All on 127.0.0.1. */
  cluster: string;
  nativePorts: readonly number[];
  /** Which of the shards this server is, from 0. */
  shard: number;
  /** A fixed one, so that it is found again after a restart. */
  httpPort: number;
  /** What the servers prove to each other that they belong together; the same for all of them. */
  secret: string;
  /** The passwords of its users, fixed for the same reason. */
  passwords: Readonly<Record<'writer' | 'reader', string>>;
  /** The port of a ZooKeeper on 127.0.0.1, where there is one. */
  zooKeeperPort?: number;
}

/** The part of the server's configuration that a {@link ClusterMember} has more. */
export function clusterXml(member: ClusterMember): string {
  const { cluster, nativePorts, shard, secret, zooKeeperPort } = member;
  const wrong = [cluster, secret].find((text) => !/^[\w-]+$/.test(text));
  if (wrong !== undefined) throw new RangeError(`not a plain word: ${wrong}`);
  const shards = nativePorts.map(
    (port) => `
      <shard>
        <internal_replication>true</internal_replication>
        <replica><host>127.0.0.1</host><port>${port}</port></replica>
      </shard>`,
  );
  return `<tcp_port>${nativePorts[shard]}</tcp_port>
  <remote_servers replace="true">
    <${cluster}>
      <secret>${secret}</secret>${shards.join('')}
    </${cluster}>
  </remote_servers>
  <macros><shard>${shard + 1}</shard><replica>replica-1</replica></macros>${
    zooKeeperPort === undefined
      ? ''
      : `
  <zookeeper><node><host>127.0.0.1</host><port>${zooKeeperPort}</port></node></zookeeper>`
  }`;
}

/** What its writing user may do more than that of a server that stands alone. */
export const clusterGrants: readonly string[] = [
  'CLUSTER ON *.*',
  'READ, WRITE ON REMOTE',
  ...['Distributed', 'ReplicatedMergeTree', 'ReplicatedReplacingMergeTree'].map(
    (engine) => `TABLE ENGINE ON ${engine}`,
  ),
];

/** What both of its users may see of the system. */
export const clusterSystemTables: readonly string[] = [
  'system.clusters',
  'system.zookeeper_connection',
];
