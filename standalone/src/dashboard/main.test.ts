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
    expect(await ended).toEqual([expect.stringContaining('Stopped after'), [0, null]]);
  });

  it.each([
    ['FAILTRACE_API_PORT', 'http', 'a port from 0 to 65535'],
    ['FAILTRACE_HOST', 'two hosts', 'a host name or an address'],
    ['FAILTRACE_OTLP_ENDPOINT', 'localhost:4318', 'an http:// or https:// URL'],
  ])('ends with one line for %s=%s', async (key, value, allowed) => {
    const child = start({ [key]: value });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(stderr).toBe(
      `failtrace dashboard: ${key}="${value}" is not understood. Allowed: ${allowed}.\n`,
    );
    expect(code).toBe(1);
  });
});
