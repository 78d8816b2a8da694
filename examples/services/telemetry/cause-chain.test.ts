import { describe, expect, it } from 'vitest';
import { formatCauseChain } from './cause-chain.ts';

const withStack = <E extends Error>(error: E, stack: string): E => Object.assign(error, { stack });

describe('formatCauseChain', () => {
  it('gives the bare stack of an error without causes', () => {
    const error = new Error('first line\nsecond line');
    expect(formatCauseChain(error)).toBe(error.stack);
  });

  it('nests causes as the inspector does', () => {
    const root = withStack(
      new Error('socket closed'),
      'Error: socket closed\n    at read (net.js:1:1)',
    );
    const middle = withStack(
      new Error('query failed', { cause: root }),
      'Error: query failed\n    at query (db.js:2:2)',
    );
    const top = withStack(
      new Error('no stock', { cause: middle }),
      'Error: no stock\n    at reserve (stock.js:3:3)',
    );
    expect(formatCauseChain(top)).toBe(
      [
        'Error: no stock',
        '    at reserve (stock.js:3:3) {',
        '  [cause]: Error: query failed',
        '      at query (db.js:2:2) {',
        '    [cause]: Error: socket closed',
        '        at read (net.js:1:1)',
        '  }',
        '}',
      ].join('\n'),
    );
  });

  it('keeps every error of an AggregateError', () => {
    const first = withStack(new Error('a'), 'Error: a\n    at one (x.js:1:1)');
    const error = withStack(
      new AggregateError([first, 'plain'], 'all failed'),
      'AggregateError: all failed',
    );
    expect(formatCauseChain(error)).toBe(
      [
        'AggregateError: all failed {',
        '  [errors]: [',
        '    Error: a',
        '        at one (x.js:1:1),',
        "    'plain'",
        '  ]',
        '}',
      ].join('\n'),
    );
  });

  it('ends in a cycle', () => {
    const error = withStack(new Error('round'), 'Error: round');
    error.cause = error;
    expect(formatCauseChain(error)).toBe('Error: round {\n  [cause]: [Circular] Error\n}');
  });

  it('shows a cause that is no error', () => {
    const error = withStack(new Error('refused', { cause: { status: 409 } }), 'Error: refused');
    expect(formatCauseChain(error)).toBe('Error: refused {\n  [cause]: { status: 409 }\n}');
  });

  it('stops at an error without a stack', () => {
    const error = new RangeError('no stack here');
    delete error.stack;
    expect(formatCauseChain(error)).toBe('RangeError: no stack here');
  });
});
