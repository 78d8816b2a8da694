/**
 * The simple API: read the rows as JSON, join the texts, answer. Arguments: the ClickHouse URL with
 * its database. Prints its port.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createClient } from '@clickhouse/client';
import { Hono } from 'hono';
import { simpleTable } from './tables.ts';

const client = createClient({ url: process.argv[2] ?? '' });
const app = new Hono();
app.get('/api/runs/:run/trace', async (c) => {
  const result = await client.query({
    query: `SELECT stack_text FROM ${simpleTable} WHERE run_id = {run:String} ORDER BY occurred_at`,
    query_params: { run: c.req.param('run') },
    format: 'JSON',
  });
  const { data } = await result.json<{ stack_text: string }>();
  return c.text(data.map(({ stack_text }) => stack_text).join('\n'));
});
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
server.on('listening', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit(0));
