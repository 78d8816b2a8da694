/**
 * A process that has the lock of the schema, has made one table, and gets no further; it says so by a line.
 * Arguments: the URL of the server with its login, and the database.
 */
import { createStoreClient } from '../src/store/client.ts';
import { failures } from '../src/store/migrations/0001-failures.ts';
import { withSchemaLock } from '../src/store/schema-lock.ts';
import { tables } from '../src/store/schema.ts';
import { createDatabase, statementsOf } from '../src/store/table-statements.ts';

const [url = '', database = ''] = process.argv.slice(2);
const client = createStoreClient({ url });
await client.command({ query: createDatabase(database, { cluster: null }) });
await withSchemaLock({ client, database, table: tables.lock, fsync: true }, async () => {
  for (const step of failures.steps.slice(0, 1)) {
    for (const query of statementsOf(step, database, { cluster: null, fsync: true })) {
      await client.command({ query });
    }
  }
  console.log('stuck');
  await new Promise(() => undefined);
});
