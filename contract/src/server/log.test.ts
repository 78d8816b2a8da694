import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

function logged(error: unknown): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger('receiver', { write: (line: string) => void lines.push(line) });
  logger.error({ err: error, batches: 2 }, 'A batch was not stored');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

class OurError extends Error {
  override readonly name = 'OurError';
  readonly code = 'storage_unavailable';
}

describe('the log', () => {
  it('is one JSON object a line, with a time, a level and who speaks', () => {
    expect(logged(new OurError('ClickHouse is away.'))).toMatchObject({
      level: 'error',
      name: 'receiver',
      msg: 'A batch was not stored',
      batches: 2,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      err: { name: 'OurError', code: 'storage_unavailable', message: 'ClickHouse is away.' },
    });
  });

  it('tells the same trouble once, and counts it from then on', () => {
    const lines: string[] = [];
    const logger = createLogger('api', { write: (line: string) => void lines.push(line) });
    for (let times = 0; times < 1_000; times++) {
      logger.error({ err: new OurError('ClickHouse is away.') }, 'Not stored');
    }
    expect(lines).toHaveLength(1);
  });

  it('keeps what strangers say out of it: queries, payloads, tokens', () => {
    const clickhouse = Object.assign(new Error("Syntax error: SELECT 'hunter2'"), {
      code: '62',
      type: 'SYNTAX_ERROR',
    });
    const entry = logged(new OurError('The storage refused.', { cause: clickhouse }));
    expect(JSON.stringify(entry)).not.toContain('hunter2');
    expect(entry['err']).toMatchObject({ cause: { code: '62', type: 'SYNTAX_ERROR' } });
    expect(JSON.stringify(logged(new SyntaxError('Unexpected token hunter2')))).not.toContain(
      'hunter2',
    );
    expect(JSON.stringify(logged('hunter2'))).not.toContain('hunter2');
  });

  it('takes no line of a message for a frame', () => {
    const message = 'declined\n    at pay (secret=hunter2)\n    at card (hunter2)';
    const cause = new Error(message);
    for (const error of [new Error(message), new OurError('Not stored.', { cause })]) {
      const entry = logged(error);
      expect(JSON.stringify(entry)).not.toContain('hunter2');
      expect(JSON.stringify(entry)).toContain('log.test.ts');
    }
  });

  it('tells no frames where the message has changed since', () => {
    const error = new Error('declined\n    at pay (secret=hunter2)');
    expect(error.stack).toContain('declined');
    error.message = 'another';
    expect(logged(error)['err']).toMatchObject({ at: [] });
  });

  it('tells of each of several errors', () => {
    const entry = logged(new AggregateError([new OurError('Away.'), new Error('hunter2')]));
    expect(entry['err']).toMatchObject({
      errors: [{ code: 'storage_unavailable', message: 'Away.' }, { name: 'Error' }],
    });
    expect(JSON.stringify(entry)).not.toContain('hunter2');
  });

  it('says where an unexpected error comes from', () => {
    const { err } = logged(new TypeError('x is not a function')) as { err: { at: string[] } };
    expect(err.at[0]).toContain('log.test.ts');
  });
});
