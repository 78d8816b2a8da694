import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf as bodyOfRuns, failedRun, send } from '../../cluster/failed-runs.ts';
import type { Findings } from '../comparison/findings.ts';
import type { Fault } from './fault.ts';

const READERS = 30;
const WRITERS = 100;
const SECONDS = 8;
const LARGE_STACK = `Error: large\n${'    at frame (/app/large.js:1:1)\n'.repeat(400_000)}`;

export const slowOnes: Fault = {
  name: 'slow-ones',
  what: '100 senders send ten bytes a second, and 30 readers of 13 MB do not read for 8 s; then they do',
  house: {},
  async happen({ house, findings, pause, recovered, scale }) {
    const large = failedRun('large', {
      namespace: 'large',
      message: 'large',
      stackText: LARGE_STACK,
    });
    const stored = await send(house.receiver.url, bodyOfRuns([large]));
    await stored.arrayBuffer();
    if (stored.status !== 200) throw new Error(`the large text was answered ${stored.status}`);
    const since = performance.now();
    const waitMs = SECONDS * 1_000 * scale;
    const writers = Array.from({ length: WRITERS }, () => startSlowWriter(house.receiver.url));
    const readers = Array.from({ length: READERS }, () =>
      readLate(`${house.api.url}/api/runs/large/trace`, Math.min(waitMs, 20_000), findings),
    );
    await recovered(since);
    await pause(waitMs);
    await Promise.all(readers);
    for (const writer of writers) writer.destroy();
    await recovered(performance.now());
  },
};

/** Says that it will send a megabyte, and sends it a byte at a time. */
function startSlowWriter(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy()).resume();
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nhost: receiver\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n',
  );
  const writing = setInterval(() => socket.write(' '), 100);
  socket.once('close', () => clearInterval(writing));
  return socket;
}

async function readLate(url: string, waitMs: number, findings: Findings): Promise<void> {
  const expected = createHash('sha256').update(LARGE_STACK).digest('hex');
  const response = await fetch(url);
  await sleep(waitMs);
  const text = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return findings.add('untrue', `a slow reader: ${response.status}`);
  if (createHash('sha256').update(text).digest('hex') !== expected) {
    findings.add('wrong', 'a slow reader got another text');
  }
}
