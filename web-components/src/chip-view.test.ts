import { type Run, TRACE_REASONS } from '@failtrace/contract';
import { describe, expect, it } from 'vitest';
import { readConfig } from './chip-config.ts';
import { chipView } from './chip-view.ts';
import { defaultLabels as labels } from './labels.ts';
import type { LookupState } from './run-lookup-controller.ts';

import { ambiguousRun, failedRun, runWithoutTrace } from './testing/runs.ts';

const api = 'https://failtrace.example';

function view(
  lookup: LookupState,
  { errorMessage = '', runId = 'run_1', namespace = '', apiUrl = api } = {},
) {
  const config = readConfig({ runId, namespace, api: apiUrl, run: null, pageUrl: '' });
  return chipView({ config, lookup, errorMessage, labels, locale: 'en-GB' });
}

function ready(run: Run) {
  return view({ kind: 'ready', run });
}

describe('the chip itself', () => {
  it('shows the message of the attribute before anything is known', () => {
    expect(view({ kind: 'idle' }, { errorMessage: 'Boom\n  at x' })).toMatchObject({
      tone: 'failed',
      label: 'Boom at x',
      message: 'Boom\n  at x',
    });
  });

  it.each<[string, LookupState, string, string]>([
    ['idle', { kind: 'idle' }, 'neutral', 'Loading…'],
    [
      'its message',
      { kind: 'ready', run: failedRun('1', { error_message: 'A\nB' }) },
      'failed',
      'A B',
    ],
    [
      'its type',
      { kind: 'ready', run: failedRun('1', { error_message: '' }) },
      'failed',
      'PaymentDeclinedError',
    ],
    [
      'a failure without words',
      { kind: 'ready', run: failedRun('1', { error_message: '', error_type: '' }) },
      'failed',
      'Failure',
    ],
    [
      'success',
      { kind: 'ready', run: failedRun('1', { status: 'ok', error_message: '', error_type: '' }) },
      'neutral',
      'No failure',
    ],
    ['no connection', { kind: 'failed', problem: 'network' }, 'neutral', 'No connection'],
  ])('shows %s', (_, lookup, tone, label) => {
    expect(view(lookup)).toMatchObject({ tone, label });
  });

  it('says when it is not set up', () => {
    expect(view({ kind: 'idle' }, { apiUrl: 'ftp://x' })).toMatchObject({
      tone: 'neutral',
      label: 'Not set up',
      trace: { available: false, sentence: labels.sentences.bad_api, retry: false },
    });
  });
});

describe('the popover', () => {
  it('prefers the whole message of the API to the one of the attribute', () => {
    const run = failedRun('run_1', { error_message: 'Boom and all the rest' });
    const shown = view({ kind: 'ready', run }, { errorMessage: 'Boom an…' });
    expect(shown).toMatchObject({ label: 'Boom an…', message: 'Boom and all the rest' });
  });

  it('shows what is known of the run', () => {
    const run = failedRun('run_1', { namespace: 'shop' });
    expect(ready(run).details).toEqual([
      { name: 'Service', value: 'shop/checkout', time: null },
      { name: 'Operation', value: 'POST /orders', time: null },
      { name: 'Run', value: 'run_1', time: null },
      { name: 'Time', value: expect.stringContaining('22 Nov 2026'), time: run.ended_at },
      { name: 'Attempts', value: '2', time: null },
    ]);
  });

  it('cuts the facts, never the message', () => {
    const run = failedRun('run_1', { service: 's'.repeat(900), error_message: 'm'.repeat(9_000) });
    const { details, message } = ready(run);
    expect(details[0]?.value).toBe(`${'s'.repeat(200)}…`);
    expect(message).toHaveLength(9_000);
  });

  it('says that the message is cut, and where the rest is', () => {
    const parts = { error_message: 'The beginning', error_message_truncated: true };
    expect(ready(failedRun('run_1', parts))).toMatchObject({
      message: 'The beginning',
      messageIsCut: true,
      notice: labels.messageCutWithTrace,
    });
    const trace = { available: false, reason: 'forbidden', url: null } as const;
    expect(ready(failedRun('run_1', { ...parts, trace })).notice).toBe(labels.messageCut);
    expect(ready(failedRun('run_1'))).toMatchObject({ messageIsCut: false, notice: '' });
  });

  it('says that more is recorded than was read', () => {
    const parts = { error_message_truncated: true, incomplete: true };
    expect(ready(failedRun('run_1', { incomplete: true })).notice).toBe(labels.incomplete);
    expect(ready(failedRun('run_1', parts)).notice).toBe(
      `${labels.messageCutWithTrace} ${labels.incomplete}`,
    );
  });

  it('is named without characters that hide', () => {
    expect(ready(failedRun('run_1', { error_type: 'Tim\u202eeout' })).dialog).toBe(
      'Tim[RLO]eout, run run_1',
    );
  });
});

describe('a run id of several namespaces', () => {
  it('is explained, and the namespaces are named', () => {
    expect(ready(ambiguousRun('run_1', ['bank', 'shop', '']))).toMatchObject({
      tone: 'neutral',
      label: labels.notes.ambiguous_run,
      message: null,
      details: [
        { name: 'Run', value: 'run_1' },
        { name: 'Namespaces', value: 'bank, shop, (none)' },
      ],
      trace: { available: false, sentence: labels.sentences.ambiguous_run, retry: false },
    });
  });

  it('keeps the message that the page knows', () => {
    const run = ambiguousRun('run_1', ['bank', 'shop']);
    expect(view({ kind: 'ready', run }, { errorMessage: 'Boom' })).toMatchObject({
      tone: 'failed',
      label: 'Boom',
      message: 'Boom',
    });
  });

  it('cuts the namespaces, one by one and all together', () => {
    const named = (namespaces: string[]) =>
      ready(ambiguousRun('run_1', namespaces)).details.find(({ name }) => name === 'Namespaces')
        ?.value;
    expect(named(['😀'.repeat(900), 'shop'])).toBe(`${'😀'.repeat(40)}…, shop`);
    const many = named(Array.from({ length: 9_000 }, () => 'a'));
    expect(many).toBe(`${'a, '.repeat(67).slice(0, 200)}…`);
    expect(named([])).toBeUndefined();
  });
});

describe('View Trace', () => {
  it('is a download with a name and a size', () => {
    expect(ready(failedRun('run_1')).trace).toEqual({
      available: true,
      href: `${api}/api/runs/run_1/trace?filename=run_1_trace.txt`,
      filename: 'run_1_trace.txt',
      note: '12.4 kB',
    });
  });

  it('is named by the namespace that the page has given', () => {
    const { trace } = view(
      { kind: 'ready', run: failedRun('run_1', { namespace: 'shop' }) },
      { namespace: 'shop' },
    );
    expect(trace).toMatchObject({ filename: 'shop_run_1_trace.txt' });
  });

  it('says what became of the text on its way', () => {
    const run = failedRun('run_1', {
      trace: { bytes: null, truncated: true, upstream_truncated: true, masked: true },
    });
    expect(ready(run).trace.note).toBe(
      'middle frames left out · cut short by its sender · secrets masked',
    );
  });

  it.each(TRACE_REASONS)('explains %s', (reason) => {
    expect(ready(runWithoutTrace('run_1', reason)).trace).toEqual({
      available: false,
      note: labels.notes[reason],
      sentence: labels.sentences[reason],
      busy: reason === 'pending',
      retry: reason === 'storage_error',
    });
  });

  it.each([
    'network',
    'unauthenticated',
    'denied',
    'not_found',
    'service_unavailable',
    'unexpected',
  ] as const)('explains %s and offers another try', (problem) => {
    expect(view({ kind: 'failed', problem }).trace).toEqual({
      available: false,
      note: labels.notes[problem],
      sentence: labels.sentences[problem],
      busy: false,
      retry: true,
    });
  });

  it('stays what it was while the run is asked for again', () => {
    const run = runWithoutTrace('run_1', 'pending');
    expect(view({ kind: 'loading', run }).trace).toEqual(ready(run).trace);
    expect(view({ kind: 'loading', run: null }).trace.note).toBe(labels.notes.loading);
  });

  it.each(['javascript:alert(1)', 'https://evil.example/', '//evil.example/'])(
    'does not follow %j',
    (url) => {
      expect(ready(failedRun('run_1', { trace: { url } })).trace).toMatchObject({
        available: false,
        sentence: labels.sentences.unavailable,
      });
    },
  );
});
