import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { helpText, readArguments, type DemoArguments } from './arguments.ts';
import { DemoError } from './demo-error.ts';
import { startDemoServices, type DemoServicesOptions } from './demo-services.ts';
import { assertReceiverListens } from './receiver-check.ts';
import { runDemo } from './run-demo.ts';
import { tableHeader, tableLine } from './run-table.ts';
import type { ScenarioName } from './scenarios.ts';
import { otlpProtocols } from './telemetry/sdk.ts';

type Settings = Pick<DemoServicesOptions, 'otlpEndpoint' | 'logFile' | 'protocol'>;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const protocol = environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  const known = otlpProtocols.find((it) => it === protocol);
  if (known === undefined) {
    const allowed = otlpProtocols.join(', ');
    const message = `OTEL_EXPORTER_OTLP_PROTOCOL="${protocol}" is none of: ${allowed}.`;
    throw new DemoError('invalid_argument', message);
  }
  // npm runs a workspace's script in the workspace's folder; INIT_CWD is where the user stands.
  const folder = environment['INIT_CWD'] ?? process.cwd();
  return {
    otlpEndpoint: environment['OTEL_EXPORTER_OTLP_ENDPOINT'] || 'http://127.0.0.1:4318',
    logFile: resolve(folder, environment['FAILTRACE_DEMO_LOG'] || '.failtrace/demo.log'),
    protocol: known,
  };
}

async function main(argv: readonly string[]): Promise<void> {
  const options = readArguments(argv);
  if (options.help) {
    process.stdout.write(helpText);
    return;
  }
  const settings = readSettings(process.env);
  await assertReceiverListens(settings.otlpEndpoint);
  print(`Sending to ${settings.otlpEndpoint}; the services' own log is ${settings.logFile}\n`);
  print(tableHeader);
  await (options.once ? runOnce(settings, options) : keepRunning(settings, options));
}

async function runOnce(settings: Settings, { scenarios }: DemoArguments): Promise<void> {
  await runDemo({ ...settings, scenarios, onRun: (run) => print(tableLine(run)) });
  print('\nSee them at http://127.0.0.1:8080/');
}

async function keepRunning(settings: Settings, { scenarios }: DemoArguments): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  const services = await startDemoServices({ ...settings, onExportFailure: reportChanges(print) });
  try {
    for await (const scenario of everyFewSeconds(scenarios, interrupted.signal)) {
      print(tableLine(await services.run(scenario)));
    }
  } finally {
    await services.stop();
  }
}

/** Each scenario once, then one at random every few seconds, until the signal. */
async function* everyFewSeconds(
  scenarios: readonly ScenarioName[],
  signal: AbortSignal,
): AsyncGenerator<ScenarioName> {
  for (const scenario of scenarios) {
    if (signal.aborted) return;
    yield scenario;
  }
  print(
    '\nSee them at http://127.0.0.1:8080/ (one more every few seconds; Ctrl-C ends the demo)\n',
  );
  while (!signal.aborted) {
    // Waiting between the runs is the point.
    // oxlint-disable-next-line no-await-in-loop
    await delay(2_000 + Math.random() * 3_000, undefined, { signal }).catch(() => undefined);
    const scenario = scenarios[Math.floor(Math.random() * scenarios.length)];
    if (scenario !== undefined && !signal.aborted) yield scenario;
  }
}

/** A receiver that is away fails every batch: say so once for each new reason. */
function reportChanges(report: (line: string) => void): (message: string) => void {
  let last = '';
  return (message) => {
    if (message !== last) report(`! spans were not taken: ${message}`);
    last = message;
  };
}

try {
  await main(process.argv.slice(2));
} catch (problem) {
  if (!(problem instanceof DemoError)) throw problem;
  process.stderr.write(`${problem.message}\n`);
  process.exitCode = 1;
}
