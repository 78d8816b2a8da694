import { readApiSettings, type ApiSettings } from '@failtrace/api';
import { readReceiverSettings, type ReceiverSettings } from '@failtrace/collector-plugin';
import {
  readClickHouseAddress,
  readSetting,
  settingForms,
  type ClickHouseAddress,
  type Env,
} from '@failtrace/contract/server';

/** Everything that the standalone can be told. */
export interface StandaloneSettings {
  receiver: ReceiverSettings;
  api: ApiSettings;
  /** The server to use; undefined for the embedded one. */
  clickhouse: ClickHouseAddress | undefined;
  /** Where the embedded ClickHouse keeps its data. */
  dataDirectory: string;
}

/**
 * Reads the settings of the receiver and of the API, and:
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `CLICKHOUSE_URL` | the embedded server | `http(s)://user:password@host:8123/database` |
 * | `FAILTRACE_DATA_DIR` | `./.failtrace` | a directory of one's own |
 *
 * @throws SettingError names the key, the value and what is allowed
 */
export function readStandaloneSettings(env: Env): StandaloneSettings {
  return {
    api: readApiSettings(env),
    receiver: readReceiverSettings(env),
    clickhouse: readClickHouseAddress(env),
    dataDirectory: readSetting(env, 'FAILTRACE_DATA_DIR', settingForms.path) ?? './.failtrace',
  };
}
