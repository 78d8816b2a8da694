import { randomBytes } from 'node:crypto';

/** A span in OTLP's JSON, as far as the tests need it. */
interface OddSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code: number; message?: string };
  attributes?: object[];
  events?: object[];
}

const attribute = (key: string, value: string | number | boolean) => ({
  key,
  value:
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'number'
        ? { intValue: String(value) }
        : { boolValue: value },
});
const attributes = (values: Record<string, string | number | boolean>) =>
  Object.entries(values).map(([key, value]) => attribute(key, value));

const STACK = `TypeError: no stock for 3 of A-17
    at reserve (/app/stock.js:3:3)
    at 0x55f1c8a3d4e2 (native)
    at order (/app/order.js:10:1)`;
const PYTHON = `Traceback (most recent call last):
  File "/app/order.py", line 3, in place
    reserve()
OrderError: ünïcode ☃ 4711`;

/**
 * Spans of all kinds that extraction tells apart, each with a run of its own, and what names each.
 *
 * @param nowMs when they ended, in milliseconds
 */
export function oddSpans(nowMs: number): { body: string; runIds: string[] } {
  const base = BigInt(nowMs) * 1_000_000n;
  const at = (milliseconds: number) => String(base + BigInt(milliseconds) * 1_000_000n + 7n);
  const span = (changes: Partial<OddSpan> = {}): OddSpan => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'place order',
    startTimeUnixNano: at(-500),
    endTimeUnixNano: at(-100),
    ...changes,
  });
  const exception = (
    values: Record<string, string | boolean>,
    milliseconds = -200,
    timeUnixNano = at(milliseconds),
  ) => ({
    name: 'exception',
    timeUnixNano,
    attributes: attributes(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`exception.${key}`, value])),
    ),
  });
  const stock = { type: 'TypeError', message: 'no stock for 3 of A-17', stacktrace: STACK };
  const error = { code: 2, message: 'no stock for 3 of A-17' };
  const events: Record<string, Partial<OddSpan>> = {
    usual: { status: error, events: [exception(stock)] },
    'several exceptions': {
      status: error,
      events: [exception({ message: 'first' }), { name: 'other' }, exception(stock)],
    },
    handled: { events: [exception(stock)] },
    'ended well': { status: { code: 1 }, events: [exception(stock)] },
    escaped: {
      events: [exception({ ...stock, escaped: true }), exception({ message: 'kept in' })],
    },
    'after the end': { events: [exception(stock, 5)] },
    'without a time': { status: error, events: [exception(stock, 0, '0')] },
    'no exception': { status: { code: 2, message: 'out of time' } },
    'went well': { status: { code: 1 } },
    python: {
      status: error,
      events: [
        exception({ type: 'shop.OrderError', message: 'ünïcode ☃ 4711', stacktrace: PYTHON }),
      ],
    },
    'a long message': {
      status: error,
      events: [exception({ type: 'E', message: 'm☃'.repeat(5_000) })],
    },
    'long stack': {
      status: error,
      events: [
        exception({ type: 'E', stacktrace: `E: x\n${'    at f (/app/a.js:1:1)\n'.repeat(6_000)}` }),
      ],
    },
    headless: {
      status: error,
      events: [
        exception({
          type: 'pkg.Error',
          message: 'gone',
          stacktrace: 'goroutine 1 [running]:\nmain.main()\n\t/app/main.go:3',
        }),
      ],
    },
    'cut in a frame': {
      status: error,
      events: [exception({ ...stock, stacktrace: `${STACK}\n    at plac` })],
    },
    'cut at a limit': {
      status: error,
      events: [exception({ ...stock, stacktrace: 'x'.repeat(2_048) })],
    },
    'empty type': { status: error, events: [exception({ message: 'abc', stacktrace: 'abc' })] },
    'long name': { name: 'n'.repeat(2_000), status: error, events: [exception(stock)] },
    'short message': { status: { code: 2, message: 'no' }, events: [exception({ message: 'no' })] },
  };
  const spans = Object.entries(events).map(([runId, changes]) =>
    span({ attributes: attributes({ 'run.id': runId }), ...changes }),
  );
  const child = { parentSpanId: 'c'.repeat(16) };
  const more = [
    span({ attributes: attributes({ 'run.id': 42 }), ...events['usual'] }),
    span({ attributes: attributes({ 'run.id': '', 'workflow.run.id': 'second name' }) }),
    span({ attributes: attributes({ 'run.id': 'not\u0007one' }), ...events['usual'] }),
    span({ ...child, ...events['usual'] }),
    span({ ...child, status: error }),
    span({ ...child, attributes: attributes({ 'run.id': 'of a child' }), status: error }),
    span({ status: error }),
    span(),
  ];
  const resource = (values: Record<string, string>, of: OddSpan[]) => ({
    resource: { attributes: attributes(values) },
    scopeSpans: [{ spans: of }],
  });
  const ofResource = [
    span(events['usual']),
    span({ ...child, ...events['usual'] }),
    span(child),
    span(),
  ];
  const body = JSON.stringify({
    resourceSpans: [
      resource({ 'service.name': 'orders', 'service.namespace': 'shop' }, [...spans, ...more]),
      resource({ 'service.name': 'jobs', 'run.id': 'of the resource' }, ofResource),
    ],
  });
  return { body, runIds: [...Object.keys(events), '42', 'second name', 'of a child'] };
}
