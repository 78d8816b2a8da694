import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../collector/free-ports.ts';
import { startFailtrace, type FailtraceProcess } from '../../command/failtrace-process.ts';
import { childrenOf } from '../../command/processes.ts';
import type { ClickHousePart } from './clickhouse.ts';
import { peakMb, type ProgramPart } from './program.ts';

/** All of failtrace as `npm start` runs it: its address is that of its receiver. */
export interface CommandPart extends ProgramPart {
  apiUrl: string;
  /** The server that the command has started; it is the command that starts it again. */
  clickhouse: ClickHousePart;
}

/** Starts the command with its data in this directory. */
export async function startCommandPart(dataDirectory: string): Promise<CommandPart> {
  const [otlpPort = 0, apiPort = 0] = await freePorts(2);
  const begin = () =>
    startFailtrace({
      FAILTRACE_DATA_DIR: dataDirectory,
      FAILTRACE_OTLP_PORT: String(otlpPort),
      FAILTRACE_API_PORT: String(apiPort),
    });
  let running: FailtraceProcess | undefined = await begin();
  const { otlpUrl, dashboardUrl } = running;
  let worstMb = 0;
  const look = () => {
    worstMb = Math.max(worstMb, running ? peakMb(running.pid) : 0);
  };
  setInterval(look, 500).unref();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    look();
    const ended = running;
    running = undefined;
    await ended?.end(signal);
  };
  const server = async () => {
    const [pid = 0] = running ? await childrenOf(running.pid) : [];
    return pid;
  };
  let serverPid = await server();
  const readUrl = () => {
    const login = readFileSync(path.join(dataDirectory, 'config', 'reader.curlrc'), 'utf8');
    const [, url = ''] = /^url = "([^"]+)"/m.exec(login) ?? [];
    const [, user = '', password = ''] = /^user = "([^:]+):([^"]+)"/m.exec(login) ?? [];
    return Object.assign(new URL('failtrace', url), { username: user, password }).href;
  };
  return {
    url: otlpUrl,
    apiUrl: dashboardUrl,
    pid: () => running?.pid ?? 0,
    worstMb: () => {
      look();
      return worstMb;
    },
    async start() {
      running = await begin();
      serverPid = await server();
    },
    kill: () => end('SIGKILL'),
    async stop() {
      const began = performance.now();
      await end('SIGTERM');
      return performance.now() - began;
    },
    clickhouse: {
      get readUrl() {
        return readUrl();
      },
      // Its password stands nowhere.
      writeUrl: '',
      pid: () => serverPid,
      async kill() {
        serverPid = await server();
        if (serverPid > 0) process.kill(serverPid, 'SIGKILL');
      },
      start: async () => undefined,
      stop: async () => undefined,
    },
  };
}
