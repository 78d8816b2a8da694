import { randomBytes } from 'node:crypto';

/** One failed run as OTLP/JSON, with its stack text. */
export function oneFailure(runId: string, namespace: string) {
  const stackText = `Error: order ${runId} 💥 not found${namespace && ` in ${namespace}`}\n    at load (/app/orders.js:4:11)\n`;
  const now = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'load order',
    kind: 1,
    startTimeUnixNano: String(now - 5_000_000n),
    endTimeUnixNano: String(now),
    attributes: [text('run.id', runId)],
    status: { code: 2 },
    events: [
      {
        timeUnixNano: String(now),
        name: 'exception',
        attributes: [
          text('exception.type', 'Error'),
          text('exception.message', `order ${runId} 💥 not found`),
          text('exception.stacktrace', stackText),
        ],
      },
    ],
  };
  const request = {
    resourceSpans: [
      {
        resource: {
          attributes: [text('service.name', 'orders'), text('service.namespace', namespace)],
        },
        scopeSpans: [{ scope: { name: 'e2e' }, spans: [span] }],
      },
    ],
  };
  return { stackText, body: JSON.stringify(request) };
}

/**
 * Sends one failed run; resolves when the receiver has acknowledged it, and so when it is stored.
 *
 * @returns the text that its download must be.
 */
export async function sendOneFailure(
  otlpUrl: string,
  runId: string,
  namespace = '',
): Promise<string> {
  const { stackText, body } = oneFailure(runId, namespace);
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (response.status !== 200) throw new Error(`refused: ${await response.text()}`);
  await response.arrayBuffer();
  return stackText;
}
