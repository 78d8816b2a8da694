/** failtrace's receiver and store in a process of their own. Argument: the ClickHouse URL with its database. */
import { createClient } from '@clickhouse/client';
import {
  attributeNames,
  createReceiver,
  createStore,
  DEFAULT_RUN_ID_ATTRIBUTES,
  listen,
} from '@failtrace/collector-plugin';

const client = createClient({ url: process.argv[2] ?? '' });
const store = createStore({ client, retentionMs: 30 * 86_400_000 });
const server = createReceiver({
  store,
  runIdNames: attributeNames(DEFAULT_RUN_ID_ATTRIBUTES),
  maxBodyBytes: 20 * 2 ** 20,
  onError: (error) => console.error(error),
});
const { port } = await listen(server, '127.0.0.1', 0);
console.log(port);
process.once('SIGTERM', () => process.exit(0));
