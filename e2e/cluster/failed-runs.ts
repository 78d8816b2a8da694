import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A run that failed, as its service knows it. */
export interface FailedRun {
  runId: string;
  namespace: string;
  traceId: string;
  message: string;
  stackText: string;
  /** A span below the root, which does not say what run it belongs to; it ended a minute ago. */
  isStep: boolean;
}

/** The shard on which ClickHouse puts the rows of a trace, of two. */
export function shardOf(traceId: string): 1 | 2 {
  return crc32(Buffer.from(traceId, 'hex')) % 2 === 0 ? 1 : 2;
}

/** A trace id whose rows stand on a given shard. */
export function traceIdOn(shard: 1 | 2): string {
  for (;;) {
    const traceId = randomBytes(16).toString('hex');
    if (shardOf(traceId) === shard) return traceId;
  }
}

/** A run with a text of its own, so that no two runs share one. */
export function failedRun(runId: string, overrides: Partial<FailedRun> = {}): FailedRun {
  const message = overrides.message ?? `order ${runId} 💥 not found`;
  return {
    runId,
    namespace: 'shop',
    isStep: false,
    traceId: randomBytes(16).toString('hex'),
    message,
    stackText: `Error: ${message}\n    at load (/app/${runId}.js:4:11)\n`,
    ...overrides,
  };
}

/** One OTLP/JSON body with the root spans of these runs, all of the namespace of the first. */
export function bodyOf(runs: readonly FailedRun[]): string {
  // One moment for all: an exception that is later than its span's end has a record of its own.
  const now = Date.now();
  const ago = (ms: number) => String(BigInt(now - ms) * 1_000_000n);
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const spans = runs.map(({ runId, traceId, message, stackText, isStep }) => ({
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'load order',
    kind: 1,
    ...(isStep && { parentSpanId: randomBytes(8).toString('hex') }),
    startTimeUnixNano: ago(isStep ? 60_005 : 5),
    endTimeUnixNano: ago(isStep ? 60_000 : 0),
    attributes: isStep ? [] : [text('run.id', runId)],
    status: { code: 2 },
    events: [
      {
        timeUnixNano: ago(isStep ? 60_000 : 0),
        name: 'exception',
        attributes: [
          text('exception.type', 'Error'),
          text('exception.message', message),
          text('exception.stacktrace', stackText),
        ],
      },
    ],
  }));
  const resource = {
    attributes: [
      text('service.name', 'orders'),
      text('service.namespace', runs[0]?.namespace ?? ''),
    ],
  };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'e2e' }, spans }] }],
  });
}

/** Sends a body once. */
export function send(receiverUrl: string, body: string): Promise<Response> {
  return fetch(`${receiverUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}
