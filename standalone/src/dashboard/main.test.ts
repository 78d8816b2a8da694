import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

function start(env: Record<string, string>) {
  const file = fileURLToPath(new URL('./main.ts', import.meta.url));
  return spawn(process.execPath, ['--conditions=failtrace-source', file], { env });
}

describe('the dashboard alone', () => {
  it('serves the page with the endpoint it is told, until it is told to stop', async () => {
    const endpoint = 'http://collector.example.org:4318';
    const child = start({ FAILTRACE_API_PORT: '0', FAILTRACE_OTLP_ENDPOINT: endpoint });
    const ended = Promise.all([text(child.stderr), once(child, 'exit')]);
    const [hello] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(hello.toString())?.[0] ?? '';
    expect(await (await fetch(`${url}/`)).text()).toContain(endpoint);
    expect((await fetch(`${url}/failure-chip.js`)).status).toBe(200);
    expect((await fetch(`${url}/api/runs`)).status).toBe(404);
    child.kill('SIGTERM');
    expect(await ended).toEqual(['', [0, null]]);
  });

  it('ends with one line for a setting that it does not understand', async () => {
    const child = start({ FAILTRACE_API_PORT: 'http' });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(stderr).toBe(
      'FAILTRACE_API_PORT="http" is not understood. Allowed: a port from 0 to 65535.\n',
    );
    expect(code).toBe(1);
  });
});
