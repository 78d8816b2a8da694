import { fileURLToPath } from 'node:url';
import { startApi } from '@failtrace/api';
import { ListenError, readSetting, SettingError, settingForms } from '@failtrace/contract/server';
import { createDashboard } from './dashboard.ts';

/**
 * Serves the dashboard's page without anything behind it, for where something in front gives `/api/` of
 * the same origin to an API of its own.
 *
 * | key | default | allowed |
 * |---|---|---|
 * | `FAILTRACE_HOST` | `127.0.0.1` | a host name or an address |
 * | `FAILTRACE_API_PORT` | `8080` | 0 to 65535 |
 * | `FAILTRACE_OTLP_ENDPOINT` | `http://127.0.0.1:4318` | what an empty dashboard tells services |
 */
async function main(): Promise<void> {
  const app = createDashboard({
    chipBundlePath: fileURLToPath(import.meta.resolve('@failtrace/web-components/bundle.js')),
    otlpEndpoint: process.env['FAILTRACE_OTLP_ENDPOINT'] || 'http://127.0.0.1:4318',
  });
  const server = await startApi({
    app,
    host: readSetting(process.env, 'FAILTRACE_HOST', settingForms.host) ?? '127.0.0.1',
    port: readSetting(process.env, 'FAILTRACE_API_PORT', settingForms.port) ?? 8080,
  });
  console.log(`failtrace dashboard: ${server.url}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void server.close());
  }
}

try {
  await main();
} catch (error) {
  const expected = error instanceof SettingError || error instanceof ListenError;
  console.error(expected ? error.message : error);
  process.exit(1);
}
