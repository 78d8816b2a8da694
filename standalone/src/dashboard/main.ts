import { fileURLToPath } from 'node:url';
import { startApi } from '@failtrace/api';
import {
  createLogger,
  readApiPort,
  readHost,
  readSetting,
  runMain,
  type Fail,
  settingForms,
  stopOnSignals,
} from '@failtrace/contract/server';
import { createDashboard } from './dashboard.ts';

/**
 * Serves the dashboard's page without anything behind it, for where something in front gives `/api/` of
 * the same origin to an API of its own.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_API_PORT` | `8080` | 0 to 65535 |
 * | `FAILTRACE_OTLP_ENDPOINT` | `http://127.0.0.1:4318` | a URL: what an empty dashboard tells services |
 */
async function main(fail: Fail): Promise<void> {
  const app = createDashboard({
    chipBundlePath: fileURLToPath(import.meta.resolve('@failtrace/web-components/bundle.js')),
    otlpEndpoint:
      readSetting(process.env, 'FAILTRACE_OTLP_ENDPOINT', settingForms.url) ??
      'http://127.0.0.1:4318',
  });
  const server = await startApi({
    app,
    host: readHost(process.env),
    port: readApiPort(process.env),
  });
  console.log(`failtrace dashboard: ${server.url}`);
  stopOnSignals({
    stop: () => server.close(),
    logger: createLogger('dashboard'),
    fail,
    isUnderNpm: process.env['npm_lifecycle_event'] !== undefined,
  });
}

await runMain('failtrace dashboard', main);
