import { expect, it } from 'vitest';
import { countRepeats } from './repeats.ts';

interface Line {
  level: string;
  fields: Record<string, unknown>;
  message: string;
}

function collect(everyMs: number) {
  const lines: Line[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, fields, message });
  const logger = { info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, logger: countRepeats(logger, everyMs) };
}

const away = () =>
  new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNREFUSED' }) });

it('says each kind of trouble once in full, and then how often it came again', async () => {
  const { lines, logger } = collect(100);
  const err = away();
  for (let times = 0; times < 4_313; times++) logger.error({ err }, 'Not stored.');
  logger.error({ err: new Error('x') }, 'Not stored.');
  logger.error({ err, route: '/api/runs' }, 'Not stored.');
  logger.warn({}, 'Slow.');
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'Not stored.'],
    ['error', 'Not stored.'],
    ['error', 'Not stored.'],
    ['warn', 'Slow.'],
  ]);
  expect(lines[0]?.fields).toEqual({ err });
  await expect.poll(() => lines.length).toBe(5);
  expect(lines[4]).toEqual({
    level: 'error',
    message: 'Not stored. … 4,312 more in 0.1 s.',
    fields: { codes: ['Error', 'ECONNREFUSED'], more: 4_312 },
  });
});

it('tells in full again what has not come for a while', async () => {
  const { lines, logger } = collect(10);
  logger.error({ err: away() }, 'Not stored.');
  await expect
    .poll(() => {
      logger.error({ err: away() }, 'Not stored.');
      return new Promise((resolve) => setTimeout(() => resolve(lines.length > 2), 30));
    })
    .toBe(true);
  expect(lines.filter(({ fields }) => 'err' in fields).length).toBeGreaterThan(1);
});

it('keeps no more kinds than it may, whatever comes', () => {
  const { lines, logger } = collect(60_000);
  for (let kind = 0; kind < 10_000; kind++) logger.error({}, `Trouble ${kind}`);
  expect(lines.length).toBeLessThanOrEqual(101);
});
