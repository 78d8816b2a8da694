import { describe, expect, it } from 'vitest';
import { readConfig } from './chip-config.ts';
import { chipView } from './chip-view.ts';
import { defaultLabels as labels } from './labels.ts';
import type { LookupState } from './run-lookup-controller.ts';
import type { Run } from './run.ts';
import { failedRun, runWithoutTrace } from './testing/runs.ts';

const api = 'https://failtrace.example';

function view(lookup: LookupState, { errorMessage = '', runId = 'run_1', apiUrl = api } = {}) {
  const config = readConfig({ runId, api: apiUrl, run: null, pageUrl: '' });
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

  it('is named without characters that hide', () => {
    expect(ready(failedRun('run_1', { error_type: 'Tim\u202eeout' })).dialog).toBe(
      'Tim[RLO]eout, run run_1',
    );
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

  it('says what became of the text on its way', () => {
    const run = failedRun('run_1', {
      trace: { bytes: null, truncated: true, upstream_truncated: true, masked: true },
    });
    expect(ready(run).trace.note).toBe(
      'middle frames left out · cut short by its sender · secrets masked',
    );
  });

  it.each(['not_recorded', 'pending', 'expired', 'forbidden', 'storage_error'] as const)(
    'explains %s',
    (reason) => {
      expect(ready(runWithoutTrace('run_1', reason)).trace).toEqual({
        available: false,
        note: labels.notes[reason],
        sentence: labels.sentences[reason],
        busy: reason === 'pending',
        retry: reason === 'storage_error',
      });
    },
  );

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
