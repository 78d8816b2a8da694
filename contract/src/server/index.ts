export { askSeldom } from './ask-seldom.ts';
export {
  CLUSTER_SETTING,
  QUORUM_SETTING,
  readClickHouseAddress,
  requireClickHouseAddress,
  type ClickHouseAddress,
  type ClickHouseCluster,
} from './clickhouse-address.ts';
export { CONNECTION_LIMITS } from './connections.ts';
export { createKeyFinder, createKey, parseKeys, presentedKey, type KeyEntry } from './keys.ts';
export { bind, listen, ListenError, type Listening, type ListenOptions } from './listen.ts';
export { createLogger, type Logger } from './log.ts';
export { hostnameOf, isLoopbackHost } from './loopback.ts';
export { runMain, type Fail } from './run-main.ts';
export {
  readApiPort,
  readFileSetting,
  readHost,
  readSetting,
  SettingError,
  settingForms,
  type Env,
  type SettingForm,
} from './settings.ts';
export { stopOnSignals, type StoppingProgram } from './stop-on-signals.ts';
export { waitFor, type WaitOptions } from './wait-for.ts';
