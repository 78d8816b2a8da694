import { Agent, get } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createKey } from '@failtrace/contract/server';
import type { ServerProcess } from './processes.ts';
import type { Row } from './report.ts';
import { quantile, timed } from './statistics.ts';

const REQUESTS = 400;
const WARM_UPS = 100;

/**
 * Whether the time of an answer tells a run that is hidden from one that does not exist: both are asked
 * for, one after the other, with a key for another namespace. Detail, and trace.
 */
export async function benchHidden(
  runIds: readonly string[],
  startApi: (env: Record<string, string>) => Promise<ServerProcess>,
): Promise<Row[]> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'failtrace-bench-keys-'));
  const { key, entry } = createKey('another tenant');
  const keysFile = path.join(directory, 'keys.json');
  const permissions = ['runs:read', 'traces:read'];
  const keys = [{ ...entry, permissions, namespaces: ['another'], services: '*' }];
  await writeFile(keysFile, JSON.stringify({ keys }));
  const api = await startApi({ FAILTRACE_AUTH: 'api-key', FAILTRACE_API_KEYS_FILE: keysFile });
  const agent = new Agent({ keepAlive: true });
  const rows: Row[] = [];
  try {
    for (const rest of ['', '/trace']) {
      const times = { hidden: [] as number[], absent: [] as number[] };
      for (let index = 0; index < WARM_UPS + REQUESTS; index += 1) {
        const runId = runIds[index % runIds.length] ?? '';
        // Next to it in the order of the keys, so that a granule is read for either.
        const asked = { hidden: runId, absent: `${runId}x` };
        // Which of the two goes first alternates, so that neither always follows the other.
        const order =
          index % 2 === 0 ? (['hidden', 'absent'] as const) : (['absent', 'hidden'] as const);
        for (const which of order) {
          const url = `${api.url}/api/runs/${asked[which]}${rest}`;
          const took = await timed(() => notFound(agent, url, key));
          if (index >= WARM_UPS) times[which].push(took);
        }
      }
      rows.push(asRow(rest, times));
    }
  } finally {
    agent.destroy();
    await api.stop();
    await rm(directory, { recursive: true });
  }
  return rows;
}

function asRow(rest: string, { hidden, absent }: { hidden: number[]; absent: number[] }): Row {
  const [hiddenMs, absentMs] = [quantile(hidden, 0.5), quantile(absent, 0.5)];
  const ratio = hiddenMs / absentMs;
  return {
    what: `GET /api/runs/{run_id}${rest} of a hidden run, p50`,
    failtrace: `${hiddenMs.toFixed(2)} ms`,
    baseline: `${absentMs.toFixed(2)} ms, a run that does not exist`,
    result: `${ratio.toFixed(3)} times`,
    target: 'within 3 %',
    reached: Math.abs(ratio - 1) <= 0.03,
  };
}

function notFound(agent: Agent, url: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      if (response.statusCode !== 404) reject(new Error(`answered ${response.statusCode}`));
      response.resume().once('end', resolve);
    }).once('error', reject);
  });
}
