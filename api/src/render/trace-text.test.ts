import { describe, expect, it } from 'vitest';
import type { RunRows } from '../read/rows.ts';
import { reconstructRuns } from '../reconstruct/run-view.ts';
import { before, failureRow, formOf, noRows, now, spanRow } from '../testing/rows.ts';
import { defaultSelection, layOutTrace } from './trace-text.ts';
import type { TraceSelection, TraceText } from './trace-text.ts';

const child = { spanId: '2222222222222222', parentSpanId: '1111111111111111' };
const retry = { traceId: 'b'.repeat(32) };

function layOut(rows: Partial<RunRows>, selection: Partial<TraceSelection> = {}): TraceText {
  const [run] = reconstructRuns('run_1', { ...noRows, spans: [spanRow()], ...rows }, now);
  if (!run) throw new Error('no run');
  return layOutTrace(run, { ...defaultSelection, ...selection });
}

/** What a trace text would say, with stored texts shown as their failure's message. */
function outline({ parts }: TraceText): string {
  return parts
    .map((part) =>
      part.kind === 'literal'
        ? Buffer.from(part.content).toString()
        : part.kind === 'message'
          ? Buffer.from(part.failure.message).toString()
          : `<${Buffer.from(part.failure.message).toString()}>`,
    )
    .join('')
    .replace(/ \| service.*?=====$/gm, '');
}

describe('layOutTrace', () => {
  it('gives one stack text with nothing around it', () => {
    const text = layOut({ failures: [failureRow()] });
    expect(outline(text)).toBe('<boom>');
    expect(text.bytes).toBe(100);
  });

  it('gives several under a line each, the outcome first', () => {
    const text = layOut({
      failures: [
        failureRow({ ...child, message: 'cause', templateForm: formOf(45, 12) }),
        failureRow(),
      ],
    });
    expect(outline(text)).toBe('===== failure 1 of 2\n<boom>\n===== failure 2 of 2\n<cause>');
    const lines = text.parts.filter((part) => part.kind === 'literal');
    expect(text.bytes).toBe(150 + lines.reduce((sum, line) => sum + line.content.length, 0));
  });

  it('counts bytes, not characters', () => {
    const failures = [failureRow({ service: 'bücher' }), failureRow({ ...child, message: 'x' })];
    const { parts, bytes } = layOut({ failures });
    const lines = parts.map((part) => (part.kind === 'literal' ? Buffer.from(part.content) : ''));
    expect(bytes).toBe(200 + Buffer.byteLength(lines.join('')));
  });

  it('says type and message above a stack text that names neither', () => {
    const text = layOut({ failures: [failureRow({ headless: true })] });
    expect(outline(text)).toBe('OrderError: boom\n<boom>');
    expect(text.bytes).toBe('OrderError: boom\n'.length + 100);
  });

  it.each([
    ['several times', { ...child, textHash: 'e'.repeat(32) }, ' 2 times: '],
    ['cut upstream', undefined, ' | cut before it came to failtrace | '],
  ])('puts a line above one that is %s', (_, other, told) => {
    const failures = other
      ? [failureRow(other), failureRow({ ...other, spanId: '3'.repeat(16) })]
      : [failureRow({ cutUpstream: true })];
    const [line] = layOut({ failures }).parts;
    expect(line?.kind === 'literal' && Buffer.from(line.content).toString()).toContain(told);
  });

  it('says how many bytes follow each line, so that no message can forge one', () => {
    const forged = '===== failure 2 of 2 | 5 bytes =====';
    const failures = [
      failureRow({ message: forged }),
      failureRow({ ...child, textHash: '', templateForm: Buffer.alloc(0), message: 'below' }),
    ];
    const [first, , second] = layOut({ failures }).parts;
    const textOf = (part: typeof first) =>
      part?.kind === 'literal' ? Buffer.from(part.content).toString() : '';
    expect(textOf(first)).toMatch(/ \| 100 bytes =====\n$/);
    expect(textOf(second)).toMatch(/^\n=.* \| 17 bytes =====\n$/);
  });

  const noStack = { textHash: '', templateForm: Buffer.alloc(0) };

  it.each([
    ['type and message', { errorType: 'E', message: 'boom' }, 'E: boom'],
    ['type alone', { errorType: 'E', message: '' }, 'E'],
    ['message alone', { errorType: '', message: 'boom' }, 'boom'],
  ])('stands in for a missing stack text with %s', (_, fields, expected) => {
    expect(outline(layOut({ failures: [failureRow({ ...noStack, ...fields })] }))).toBe(expected);
  });

  it('has nothing to say of a span status', () => {
    const text = layOut({ failures: [failureRow({ ...noStack, source: 'span_status' })] });
    expect(text).toEqual({ parts: [], bytes: 0, failures: [], leftOut: 0 });
  });

  it('shows handled exceptions only when asked', () => {
    const failures = [failureRow(), failureRow({ ...child, message: 'handled', handled: true })];
    expect(outline(layOut({ failures }))).toBe('<boom>');
    expect(outline(layOut({ failures }, { includeHandled: true }))).toContain('<handled>');
  });

  it.each([
    ['how many', { leftOut: new Map([[spanRow().traceId, 234]]) }, '234 more failures'],
    ['one', { leftOut: new Map([[spanRow().traceId, 1]]) }, '1 more failure'],
    ['that nobody knows how many', { cutRuns: new Set(['run_1']) }, 'more failures'],
  ])('says in its last line what is left out: %s', (_, rows, more) => {
    const text = layOut({ failures: [failureRow()], ...rows });
    const line = `\n===== ${more} of this run recorded, and left out here =====`;
    expect(outline(text)).toBe(`<boom>${line}`);
    expect(text.bytes).toBe(100 + line.length);
  });

  it('says nothing of what is left out of another attempt', () => {
    const failures = [failureRow(), failureRow({ ...retry, message: 'second' })];
    const spans = [spanRow({ startedAt: before(99), endedAt: before(90) }), spanRow(retry)];
    const leftOut = new Map([[spanRow().traceId, 234]]);
    expect(outline(layOut({ spans, failures, leftOut }))).toBe('<second>');
    expect(layOut({ spans, failures, leftOut }, { attempt: 'all' }).leftOut).toBe(234);
  });

  describe('of several attempts', () => {
    const rows = {
      spans: [spanRow({ startedAt: before(99), endedAt: before(90) }), spanRow(retry)],
      failures: [failureRow({ message: 'first' }), failureRow({ ...retry, message: 'second' })],
    };

    it.each([
      ['the latest', undefined, '<second>'],
      ['the first', 1, '<first>'],
      ['the second', 2, '<second>'],
      ['none', 3, ''],
      [
        'all',
        'all' as const,
        '===== failure 1 of 2 | attempt 2\n<second>\n===== failure 2 of 2 | attempt 1\n<first>',
      ],
    ])('gives %s', (_, attempt, expected) => {
      expect(outline(layOut(rows, { attempt }))).toBe(expected);
    });
  });
});
