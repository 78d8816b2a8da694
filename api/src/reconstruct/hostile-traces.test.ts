import { describe, expect, it } from 'vitest';
import type { FailureRow } from '../read/rows.ts';
import { failureRow, noRows, now, spanRow } from '../testing/rows.ts';
import { inOrderOfCause } from './failure-order.ts';
import { reconstructRuns } from './run-view.ts';
import { distinctExceptions } from './same-exception.ts';
import { createSpanTree } from './span-tree.ts';

/** As many as are read of one trace. */
const many = 2_000;
/** Milliseconds. A tenth of it is usual, and with a cost for each pair it was ten times as much. */
const longest = 3_000;

function idOf(index: number): string {
  return (index + 1).toString(16).padStart(16, '0');
}

function traceOf(failure: (index: number) => Parameters<typeof failureRow>[0]): FailureRow[] {
  return Array.from({ length: many }, (_, index) =>
    failureRow({ spanId: idOf(index), ...failure(index) }),
  );
}

const below = (index: number) => (index === 0 ? '' : idOf(index - 1));
const words = 'a'.repeat(4_000);

describe('a trace that was made to be slow', () => {
  it.each([
    ['rings of two spans', traceOf((index) => ({ parentSpanId: idOf(index ^ 1) }))],
    ['one ring', traceOf((index) => ({ parentSpanId: idOf((index + 1) % many) }))],
    [
      'a chain of texts that share no frame',
      traceOf((index) => ({
        parentSpanId: below(index),
        textHash: idOf(index * 257)
          .slice(-4)
          .padEnd(32, '0'),
      })),
    ],
    [
      'a chain with much cut out of each text',
      traceOf((index) => ({
        parentSpanId: below(index),
        cuts: [Buffer.from(`${words}${index}`)],
      })),
    ],
    [
      'many failures above, and many below that each could be named by any',
      traceOf((index) => ({
        ...(index < many / 2 ? { spanId: 'f'.repeat(16) } : { parentSpanId: 'f'.repeat(16) }),
        message: index < many / 2 ? words + words : `${words}b${words.slice(0, index)}`,
      })),
    ],
  ])('is put together as fast as others: %s', (_, failures) => {
    const startedAt = performance.now();
    const tree = createSpanTree(failures, undefined);
    const seen = distinctExceptions(inOrderOfCause(tree), tree);
    expect(performance.now() - startedAt).toBeLessThan(longest);
    expect(seen.flatMap(({ seenOn }) => seenOn)).toHaveLength(tree.spans.size);
  });

  it('is put together as fast as others: roots of thousands of namespaces', () => {
    const failures = traceOf((index) => ({ runId: 'run_1', namespace: `${index}` }));
    const spans = failures.map(({ spanId, namespace }) => spanRow({ spanId, namespace }));
    const startedAt = performance.now();
    const runs = reconstructRuns('run_1', { ...noRows, spans, failures }, now);
    expect(performance.now() - startedAt).toBeLessThan(longest);
    expect(runs).toHaveLength(many);
    expect(runs[7]).toMatchObject({
      shown: { namespace: runs[7]?.namespace },
      failuresLeftOut: many - 1,
    });
  });
});
