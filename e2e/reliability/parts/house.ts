import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../../collector/free-ports.ts';
import { startClickHouse, type ClickHousePart } from './clickhouse.ts';
import { startCollectorPart, type CollectorPart } from './collector.ts';
import { startCommandPart } from './command.ts';
import { makeDisk, type Disk } from './disk.ts';
import { startProgramPart, type ProgramPart } from './program.ts';
import { startProxy, type Proxy } from './proxy.ts';

/** What of failtrace is to stand. */
export interface HouseOptions {
  /** ClickHouse has a small disk of its own, of so many MiB. */
  diskMebibytes?: number;
  /** Everything goes through {@link Links}. */
  links?: boolean;
  /** The real Collector stands in front, with its queue on disk. */
  collector?: boolean;
  /** Senders send to the receiver as well, past the Collector. */
  besideCollector?: boolean;
  /** 1 by default. */
  receivers?: number;
  /** Settings of the receivers, in which `{directory}` is that of the house. */
  receiverEnv?: Readonly<Record<string, string>>;
  /** Files in that directory that are there from the beginning, by name. */
  files?: Readonly<Record<string, string>>;
  /** All in one process, by the command that `npm start` runs, with its embedded ClickHouse. */
  command?: boolean;
}

/** The connections between the parts, each of which can fail. */
export interface Links {
  toReceiver: Proxy;
  fromReceiverToClickHouse: Proxy;
  fromApiToClickHouse: Proxy;
}

/** The real parts of failtrace, each in a process of its own. */
export interface House {
  directory: string;
  clickhouse: ClickHousePart;
  receivers: readonly ProgramPart[];
  receiver: ProgramPart;
  api: ProgramPart;
  collector: CollectorPart | undefined;
  links: Links | undefined;
  disk: Disk | undefined;
  /** Where senders send. */
  otlpUrls: readonly string[];
  stop(): Promise<void>;
}

/** Starts all of it; ClickHouse is empty. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-reliability-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    for (const [name, content] of Object.entries(options.files ?? {})) {
      await writeFile(path.join(directory, name), content);
    }
    if (options.command) {
      const command = await startCommandPart(path.join(directory, 'data'));
      stops.push(() => command.kill());
      return {
        directory,
        clickhouse: command.clickhouse,
        receivers: [command],
        receiver: command,
        api: { ...command, url: command.apiUrl },
        collector: undefined,
        links: undefined,
        disk: undefined,
        otlpUrls: [command.url],
        stop,
      };
    }
    const disk = options.diskMebibytes
      ? await makeDisk(directory, options.diskMebibytes)
      : undefined;
    if (disk) stops.push(() => disk.remove());
    const data = path.join(disk?.directory ?? directory, 'data');
    const clickhouse = await startClickHouse(data);
    stops.push(() => clickhouse.kill());

    const through = async (url: string): Promise<Proxy | undefined> => {
      if (!options.links) return undefined;
      const proxy = await startProxy(url);
      stops.push(() => proxy.close());
      return proxy;
    };
    const fromReceiver = await through(clickhouse.writeUrl);
    const fromApi = await through(clickhouse.readUrl);
    const env = Object.fromEntries(
      Object.entries(options.receiverEnv ?? {}).map(([key, value]) => [
        key,
        value.replaceAll('{directory}', directory),
      ]),
    );
    const [apiPort = 0, ...otlpPorts] = await freePorts(1 + (options.receivers ?? 1));
    const receivers: ProgramPart[] = [];
    for (const port of otlpPorts) {
      const receiver = await startProgramPart('receiver', {
        CLICKHOUSE_URL: fromReceiver?.through ?? clickhouse.writeUrl,
        FAILTRACE_OTLP_PORT: String(port),
        ...env,
      });
      stops.push(() => receiver.kill());
      receivers.push(receiver);
    }
    const [receiver] = receivers as [ProgramPart];
    const api = await startProgramPart('api', {
      CLICKHOUSE_URL: fromApi?.through ?? clickhouse.readUrl,
      FAILTRACE_API_PORT: String(apiPort),
    });
    stops.push(() => api.kill());
    const toReceiver = await through(receiver.url);
    const receiverUrls = toReceiver
      ? [toReceiver.through.replace(/\/$/, '')]
      : receivers.map(({ url }) => url);
    const collector = options.collector
      ? await startCollectorPart(path.join(directory, 'collector'), receiverUrls[0] ?? '')
      : undefined;
    if (collector) stops.push(() => collector.kill());
    return {
      directory,
      clickhouse,
      receivers,
      receiver,
      api,
      collector,
      disk,
      links: toReceiver &&
        fromReceiver &&
        fromApi && {
          toReceiver,
          fromReceiverToClickHouse: fromReceiver,
          fromApiToClickHouse: fromApi,
        },
      otlpUrls: [
        ...(collector ? [collector.url] : []),
        ...(!collector || options.besideCollector ? receiverUrls : []),
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
