import type { ScenarioName } from './scenarios.ts';

/** What one attempt of a run came to; `error` is the exception that the run ended with. */
export interface DemoAttempt {
  attempt: number;
  traceId: string;
  outcome: 'failed' | 'ok';
  error: { type: string; message: string } | null;
}

/** What the demo sends to a service process. */
export type ToService =
  | { kind: 'run'; runId: string; attempt: number; scenario: ScenarioName; paymentUrl: string }
  | { kind: 'stop' };

/** What a service process tells the demo. `url` is '' for a service without a server. */
export type FromService =
  | { kind: 'ready'; url: string }
  | { kind: 'ran'; attempt: DemoAttempt }
  | { kind: 'export-failed'; message: string };
