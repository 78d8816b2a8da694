import { expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

const away = new Error('away');
const isPassing = (error: unknown) => error === away;

it('goes on until it succeeds, and says once what it waits for', async () => {
  const said: [unknown, number][] = [];
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    if (attempts < 3) throw away;
    return 'there';
  };
  const onWait = (error: unknown, left: number) => void said.push([error, left]);
  expect(await waitFor(attempt, { timeoutMs: 60_000, isPassing, onWait })).toBe('there');
  expect(said).toEqual([[away, 60]]);
});

it('ends with what does not go away, with the last error in time, or when it is told to', async () => {
  const never = (error: Error) => async () => {
    throw error;
  };
  const options = { isPassing, onWait: () => undefined };
  const wrong = new Error('wrong');
  await expect(waitFor(never(wrong), { ...options, timeoutMs: 60_000 })).rejects.toBe(wrong);
  await expect(waitFor(never(away), { ...options, timeoutMs: 10 })).rejects.toBe(away);
  const controller = new AbortController();
  const waiting = waitFor(never(away), {
    ...options,
    timeoutMs: 60_000,
    signal: controller.signal,
  });
  controller.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
