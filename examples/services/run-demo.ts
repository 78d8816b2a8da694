import { DemoError } from './demo-error.ts';
import { startDemoServices, type DemoRun } from './demo-services.ts';
import { scenarioNames, type ScenarioName } from './scenarios.ts';
import type { OtlpProtocol } from './telemetry/sdk.ts';

export type { DemoRun } from './demo-services.ts';
export type { DemoAttempt } from './messages.ts';
export type { FailureLogLine } from './telemetry/failure-log.ts';
export { DemoError } from './demo-error.ts';
export { scenarioNames, scenarios, type ScenarioName } from './scenarios.ts';

export interface RunDemoOptions {
  /** Base URL of an OTLP/HTTP receiver, e.g. `http://127.0.0.1:4318`. */
  otlpEndpoint: string;
  /** `http/json` (the default) or `http/protobuf`. */
  protocol?: OtlpProtocol;
  /** The services' own log: JSON lines, appended to; see `FailureLogLine`. */
  logFile: string;
  /** In the order in which they are to run; all of them unless given. */
  scenarios?: readonly ScenarioName[];
  /** What run ids start with; `run_` unless given. */
  runIdPrefix?: string;
  /** Called after each run, before its spans are sent. */
  onRun?: (run: DemoRun) => void;
}

/**
 * Runs scenarios one after the other on real services, and resolves when the receiver has taken
 * every span and the services have ended.
 * @throws {DemoError} `export_failed` when the receiver did not take everything, `service_ended`
 *   when a service died.
 */
export async function runDemo(options: RunDemoOptions): Promise<{ runs: DemoRun[] }> {
  const failures: string[] = [];
  const { otlpEndpoint, logFile, protocol, runIdPrefix } = options;
  const services = await startDemoServices({
    otlpEndpoint,
    logFile,
    ...(protocol === undefined ? {} : { protocol }),
    ...(runIdPrefix === undefined ? {} : { runIdPrefix }),
    onExportFailure: (message) => failures.push(message),
  });
  const runs: DemoRun[] = [];
  try {
    for (const scenario of options.scenarios ?? scenarioNames) {
      // One after the other, so that started_at orders them.
      // oxlint-disable-next-line no-await-in-loop
      const run = await services.run(scenario);
      runs.push(run);
      options.onRun?.(run);
    }
  } finally {
    await services.stop();
  }
  if (failures.length > 0) {
    throw new DemoError('export_failed', `${otlpEndpoint} did not take all spans: ${failures[0]}`);
  }
  return { runs };
}
