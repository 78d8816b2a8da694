import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DemoError } from './demo-error.ts';
import type { FromService, ToService } from './messages.ts';
import type { OtlpProtocol } from './telemetry/sdk.ts';

/** How long a service may take to send its last spans; the exporter itself gives up after 10 s. */
const stopTimeoutMs = 15_000;

export interface ServiceSettings {
  /** `service.name`; the folder beside this file that holds the service's `main.ts`. */
  name: string;
  namespace: string;
  otlpEndpoint: string;
  protocol: OtlpProtocol;
  logFile: string;
  onExportFailure: (message: string) => void;
}

type Answer<K extends FromService['kind']> = Extract<FromService, { kind: K }>;

export interface ServiceChild {
  /** Where its server listens; '' for a service without one. */
  url: string;
  /** Sends a request and waits for the answer `ran`. One at a time. */
  ask: (message: ToService) => Promise<Answer<'ran'>>;
  /** Lets the service send what it has, and waits for its end. */
  stop: () => Promise<void>;
}

/** Starts a service as a process of its own; it ends when this process does. */
export async function startService(settings: ServiceSettings): Promise<ServiceChild> {
  const entry = fileURLToPath(new URL(`./${settings.name}/main.ts`, import.meta.url));
  const child = fork(entry, [], { execArgv: [], env: serviceEnvironment(settings) });
  child.on('message', (message: FromService) => {
    if (message.kind === 'export-failed') settings.onExportFailure(message.message);
  });
  const { url } = await answer(child, settings.name, 'ready');
  return {
    url,
    ask: (message) => {
      const ran = answer(child, settings.name, 'ran');
      child.send(message);
      return ran;
    },
    stop: () => stop(child, settings),
  };
}

function serviceEnvironment(settings: ServiceSettings): NodeJS.ProcessEnv {
  // The signal's own variable would win over the endpoint that is asked for here.
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: _unused, ...inherited } = process.env;
  return {
    ...inherited,
    OTEL_SERVICE_NAME: settings.name,
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${settings.namespace}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: settings.protocol,
    // A dashboard that is watched should not wait the five seconds that the SDK waits by default.
    OTEL_BSP_SCHEDULE_DELAY: '500',
    FAILTRACE_DEMO_LOG: settings.logFile,
  };
}

function answer<K extends FromService['kind']>(
  child: ChildProcess,
  name: string,
  kind: K,
): Promise<Answer<K>> {
  const isKind = (message: FromService): message is Answer<K> => message.kind === kind;
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      done();
      reject(new DemoError('service_ended', `${name} ended unexpectedly (code ${code})`));
    };
    const onMessage = (message: FromService): void => {
      if (!isKind(message)) return;
      done();
      resolve(message);
    };
    const done = (): void => {
      child.off('exit', onExit);
      child.off('message', onMessage);
    };
    child.on('exit', onExit);
    child.on('message', onMessage);
  });
}

async function stop(child: ChildProcess, settings: ServiceSettings): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => {
    settings.onExportFailure(`${settings.name} did not end within ${stopTimeoutMs} ms`);
    child.kill('SIGKILL');
  }, stopTimeoutMs);
  if (child.connected) child.send({ kind: 'stop' } satisfies ToService);
  await ended;
  clearTimeout(timer);
}
