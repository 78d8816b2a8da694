export type { ClusterMember } from './clickhouse/cluster-member.ts';
export {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedOptions,
} from './clickhouse/embedded.ts';
export { StartError, type StartErrorCode } from './errors.ts';
export { readStandaloneSettings, type StandaloneSettings } from './settings.ts';
export { startStandalone, type Standalone, type StandaloneOptions } from './standalone.ts';
