import { once } from 'node:events';
import { connect } from 'node:net';
import type { Fault } from './fault.ts';

const IDLE = 2_000;

export const manyConnections: Fault = {
  name: 'many-connections',
  what: '200 connections with one span each, again and again, beside 2,000 idle ones',
  house: {},
  load: { senders: 200, batch: { exactly: 1 }, pauseMs: 1_000 },
  async happen({ house, pause, recovered, scale, note }) {
    const { hostname, port } = new URL(house.receiver.url);
    const idle = Array.from({ length: IDLE }, () => connect(Number(port), hostname));
    // The receiver may close what says nothing.
    for (const socket of idle) socket.on('error', () => socket.destroy()).resume();
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const since = performance.now();
    await recovered(since);
    await pause(8_000 * scale);
    note(`${idle.filter(({ destroyed }) => !destroyed).length} idle ones were still open`);
    for (const socket of idle) socket.destroy();
    await recovered(performance.now());
  },
};

export const overload: Fault = {
  name: 'overload',
  what: '24 senders send bodies of 6 MB as fast as they can, for 12 s, to a receiver that may buffer 43 MB',
  house: { receiverEnv: { FAILTRACE_MAX_BUFFERED_BYTES: String(41 * 2 ** 20) } },
  load: { senders: 24, batch: { exactly: 40 }, ballastBytes: 6_000_000, pauseMs: 0 },
  async happen({ pause, recovered, scale }) {
    await pause(12_000 * scale);
    await recovered(performance.now());
  },
};
