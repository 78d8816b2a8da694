import { randomBytes } from 'node:crypto';
import { DemoError } from './demo-error.ts';
import type { DemoAttempt } from './messages.ts';
import { scenarios, type ScenarioName } from './scenarios.ts';
import { startService, type ServiceSettings } from './service-child.ts';
import { openFailureLog } from './telemetry/failure-log.ts';
import type { OtlpProtocol } from './telemetry/sdk.ts';

const demoNamespace = 'shop';
const workflowService = 'order-workflow';
const paymentService = 'payment-service';

/** A run as the demo made it: what a dashboard should show for it. */
export interface DemoRun {
  runId: string;
  scenario: ScenarioName;
  /** Name of the root span. */
  workflow: string;
  service: string;
  namespace: string;
  expected: 'failed' | 'ok';
  /** How the latest attempt ended. */
  outcome: 'failed' | 'ok';
  /** In the order in which they ran. */
  attempts: DemoAttempt[];
}

export interface DemoServicesOptions {
  /** Base URL; the SDK appends `/v1/traces`. */
  otlpEndpoint: string;
  /** `http/json` (the default) or `http/protobuf`. */
  protocol?: OtlpProtocol;
  logFile: string;
  /** What run ids start with; `run_` unless given. */
  runIdPrefix?: string;
  onExportFailure: (message: string) => void;
}

export interface DemoServices {
  run: (scenario: ScenarioName) => Promise<DemoRun>;
  /** Resolves when everything recorded was sent and both processes have ended. */
  stop: () => Promise<void>;
}

/** Starts order-workflow and payment-service, each a process with its own telemetry. */
export async function startDemoServices(options: DemoServicesOptions): Promise<DemoServices> {
  const settings = (name: string): ServiceSettings => ({
    name,
    namespace: demoNamespace,
    otlpEndpoint: options.otlpEndpoint,
    protocol: options.protocol ?? 'http/json',
    logFile: options.logFile,
    onExportFailure: options.onExportFailure,
  });
  assertLogIsWritable(options.logFile);
  const workflow = await startService(settings(workflowService));
  const payment = await startService(settings(paymentService)).catch(async (problem: unknown) => {
    await workflow.stop();
    throw problem;
  });
  return {
    run: async (scenario) => {
      const runId = `${options.runIdPrefix ?? 'run_'}${randomBytes(6).toString('hex')}`;
      const { attempts, expected, workflow: name } = scenarios[scenario];
      const results: DemoAttempt[] = [];
      for (const attempt of attempts.keys()) {
        // An attempt starts when the one before it has failed.
        const request = { runId, scenario, attempt: attempt + 1, paymentUrl: payment.url };
        // oxlint-disable-next-line no-await-in-loop
        results.push((await workflow.ask({ kind: 'run', ...request })).attempt);
      }
      return {
        runId,
        scenario,
        workflow: name,
        service: workflowService,
        namespace: demoNamespace,
        expected,
        outcome: results.at(-1)?.outcome ?? 'ok',
        attempts: results,
      };
    },
    stop: async () => {
      await Promise.all([workflow.stop(), payment.stop()]);
    },
  };
}

function assertLogIsWritable(logFile: string): void {
  try {
    openFailureLog(logFile);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The log ${logFile} cannot be written: ${reason}. Set FAILTRACE_DEMO_LOG to another path.`;
    throw new DemoError('log_not_writable', message, { cause });
  }
}
