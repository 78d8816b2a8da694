import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';
import { context, propagation, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailureSpanProcessor } from './failure-span-processor.ts';
import { printedError } from './span/printed-error.ts';
import { withRun } from './span/run.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

function start(...before: SpanProcessor[]) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [...before, new FailureSpanProcessor(), new SimpleSpanProcessor({ exporter })],
  });
  return {
    tracer: provider.getTracer('test'),
    ended: async () => {
      await provider.forceFlush();
      return exporter.getFinishedSpans();
    },
  };
}

async function recorded(record: (span: Span) => void, ...before: SpanProcessor[]) {
  const { tracer, ended } = start(...before);
  const span = tracer.startSpan('test');
  record(span);
  span.end();
  return (await ended())[0]?.events.map(({ attributes }) => attributes) ?? [];
}

/** Errors as the source of a program, so that another process can throw the same. */
const errors = {
  'an error alone': `new Error('alone\\nin two lines')`,
  'an error with properties': `Object.assign(new RangeError('bad'), { code: 'E_BAD', detail: { a: [1, 2, { b: 3 }] } })`,
  'a chain of causes': `new Error('top', { cause: new TypeError('middle', { cause: new Error('root') }) })`,
  'a cause that is no error': `new Error('top', { cause: { status: 409, deep: { a: { b: { c: { d: 1 } } } } } })`,
  'an AggregateError': `new AggregateError([new Error('a'), 'text', new Error('b', { cause: 5 })], 'many')`,
  'a cycle': `(() => { const e = new Error('round'); e.cause = e; return e; })()`,
  'an own way to be printed': `Object.assign(new Error('own'), { [Symbol.for('nodejs.util.inspect.custom')]: () => 'no' })`,
};

describe('the text of an error', () => {
  it.each(Object.entries(errors))('is what Node prints for %s', async (_, source) => {
    const program = `
      const { printedError } = await import(${JSON.stringify(new URL('span/printed-error.ts', import.meta.url).href)});
      const error = ${source};
      process.stdout.write(printedError(error));
      setImmediate(() => { throw error; });`;
    const { code, stdout, stderr } = await run(['--input-type=module', '--eval', program]);
    expect(code).toBe(1);
    expect(stdout.length).toBeGreaterThan(20);
    const [, printed] = stderr.split('^\n\n');
    expect(printed).toBe(`${stdout}\n\nNode.js ${process.version}\n`);
  });

  it('is the bare stack where an error cannot be printed', () => {
    const error = new Error('trap', { cause: new Proxy({}, { ownKeys: () => [Symbol.iterator] }) });
    Object.defineProperty(error, 'trap', {
      enumerable: true,
      value: new Proxy(new Error('inner'), {
        getPrototypeOf() {
          throw new Error('no');
        },
      }),
    });
    expect(printedError(error)).toContain('Error: trap');
  });
});

describe('FailureSpanProcessor', () => {
  it('records causes, and leaves type and message to OpenTelemetry', async () => {
    const error = Object.assign(new Error('top', { cause: new Error('root') }), { code: 'E_TOP' });
    expect(await recorded((span) => span.recordException(error))).toEqual([
      {
        'exception.type': 'E_TOP',
        'exception.message': 'top',
        'exception.stacktrace': printedError(error),
      },
    ]);
    expect(printedError(error)).toContain('[cause]: Error: root');
  });

  it('knows errors of other realms', async () => {
    const foreign = runInContext(`new Error('far', { cause: 'near' })`, createContext()) as Error;
    const [event] = await recorded((span) => span.recordException(foreign));
    expect(event?.['exception.stacktrace']).toContain(`[cause]: 'near'`);
  });

  it('passes on what is no error', async () => {
    const events = await recorded((span) => {
      span.recordException('words');
      span.recordException({ name: 'N', message: 'm', stack: 's' }, 7);
    });
    expect(events).toEqual([
      { 'exception.message': 'words' },
      { 'exception.type': 'N', 'exception.message': 'm', 'exception.stacktrace': 's' },
    ]);
  });

  it('keeps what another processor has put in place of recordException', async () => {
    const seen: string[] = [];
    const other: SpanProcessor = {
      onStart(span) {
        const inner = span.recordException.bind(span);
        span.recordException = (exception, time) => {
          seen.push((exception as Error).message);
          inner(exception, time);
        };
      },
      onEnd() {},
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const error = new Error('seen', { cause: 1 });
    const [event] = await recorded((span) => span.recordException(error), other);
    expect(seen).toEqual(['seen']);
    expect(event?.['exception.stacktrace']).toBe(printedError(error));
  });

  it('names the run of every span, across promises, and not outside', async () => {
    const { tracer, ended } = start();
    const span = (name: string, attributes = {}) => tracer.startSpan(name, { attributes }).end();
    await withRun('run_1', async () => {
      await nextTurn();
      span('inside');
      span('own', { 'run.id': 'own' });
      withRun('run_2', () => span('inner'));
    });
    span('outside');
    expect((await ended()).map(({ name, attributes }) => [name, attributes['run.id']])).toEqual([
      ['inside', 'run_1'],
      ['own', 'own'],
      ['inner', 'run_2'],
      ['outside', undefined],
    ]);
  });

  it('takes the run from the baggage of a request, unless it is none', async () => {
    const { tracer, ended } = start();
    for (const value of ['run_3', 'not\na run', '.']) {
      const baggage = propagation.createBaggage({ 'run.id': { value } });
      tracer.startSpan('span', {}, propagation.setBaggage(ROOT_CONTEXT, baggage)).end();
    }
    const ids = (await ended()).map(({ attributes }) => attributes['run.id']);
    expect(ids).toEqual(['run_3', undefined, undefined]);
  });

  it('runs what is given no run id all the same', () => {
    expect(withRun('', () => 5)).toBe(5);
  });
});

function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { timeout: 30_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
