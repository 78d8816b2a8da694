export { createKeyFinder, createKey, parseKeys, presentedKey, type KeyEntry } from './keys.ts';
export { listen, ListenError, type Listening, type ListenOptions } from './listen.ts';
export { createLogger, type Logger } from './log.ts';
export { hostnameOf, isLoopbackHost } from './loopback.ts';
export { runMain, type Fail } from './run-main.ts';
export {
  readApiPort,
  readClickHouseAddress,
  readFileSetting,
  readHost,
  readSetting,
  requireClickHouseAddress,
  SettingError,
  settingForms,
  type ClickHouseAddress,
  type Env,
  type SettingForm,
} from './settings.ts';
