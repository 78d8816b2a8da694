import { describe, expect, it } from 'vitest';
import { createStops } from './stops.ts';

describe('stops', () => {
  it('stop the last started first, and once', async () => {
    const stopped: string[] = [];
    const stops = createStops();
    for (const name of ['clickhouse', 'receiver', 'api']) {
      stops.add(async () => stopped.push(name));
    }
    await stops.stopAll();
    await stops.stopAll();
    expect(stopped).toEqual(['api', 'receiver', 'clickhouse']);
  });

  it('stop the rest when some fail, and tell of all that failed', async () => {
    const stopped: string[] = [];
    const [rejected, thrown] = [new Error('rejected'), new Error('thrown')];
    const stops = createStops();
    stops.add(async () => stopped.push('clickhouse'));
    stops.add(() => Promise.reject(rejected));
    stops.add(() => {
      throw thrown;
    });
    const error: unknown = await stops.stopAll().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toEqual([thrown, rejected]);
    expect(stopped).toEqual(['clickhouse']);
  });

  it('wait for what is under way when they are asked again', async () => {
    const release = Promise.withResolvers<void>();
    const stops = createStops();
    stops.add(() => release.promise);
    const first = stops.stopAll();
    const second = stops.stopAll().then(() => 'stopped');
    expect(await Promise.race([second, Promise.resolve('not yet')])).toBe('not yet');
    release.resolve();
    await first;
    expect(await second).toBe('stopped');
  });
});
