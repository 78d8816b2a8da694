import path from 'node:path';
import { freePorts } from '../../collector/free-ports.ts';
import { startCollector, type RunningCollector } from '../../collector/start-collector.ts';

/** The real Collector with `otel-collector.yaml`, which comes back with the queue that it had. */
export interface CollectorPart {
  /** Where it takes OTLP/HTTP. */
  url: string;
  pid(): number;
  start(): Promise<void>;
  /** Ends it as the kernel does that has run out of memory. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const config = path.join(import.meta.dirname, '../../../otel-collector.yaml');

/** The file's own are made for outages of minutes; here they last for seconds. */
const overrides = [
  'exporters::otlp_http/failtrace::retry_on_failure::initial_interval: 200ms',
  'exporters::otlp_http/failtrace::retry_on_failure::max_interval: 1s',
];

/** Starts it in front of a receiver. */
export async function startCollectorPart(
  storageDirectory: string,
  receiverUrl: string,
): Promise<CollectorPart> {
  const [otlpHttpPort = 0, otlpGrpcPort = 0, healthPort = 0] = await freePorts(3);
  const begin = () =>
    startCollector({
      config,
      env: { FAILTRACE_OTLP_ENDPOINT: receiverUrl },
      otlpHttpPort,
      otlpGrpcPort,
      healthPort,
      storageDirectory,
      overrides,
    });
  let running: RunningCollector | undefined = await begin();
  const leave = () => {
    const left = running;
    running = undefined;
    return left;
  };
  return {
    url: `http://127.0.0.1:${otlpHttpPort}`,
    pid: () => running?.pid ?? 0,
    async start() {
      running = await begin();
    },
    kill: async () => leave()?.kill(),
    stop: async () => leave()?.stop(),
  };
}
