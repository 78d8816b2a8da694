import { describe, expect, it } from 'vitest';
import { isTransient, isWorthRetrying, problemOfStatus } from './problem.ts';

describe('problemOfStatus', () => {
  it.each([
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, 'not_found'],
    [429, 'service_unavailable'],
    [503, 'service_unavailable'],
    [400, 'unexpected'],
    [500, 'unexpected'],
  ])('reads %d as %s', (status, problem) => {
    expect(problemOfStatus(status)).toBe(problem);
  });
});

it('offers another try for all but wrong attributes', () => {
  expect(isWorthRetrying('unauthenticated')).toBe(true);
  expect(isWorthRetrying('network')).toBe(true);
  expect(isWorthRetrying('bad_api')).toBe(false);
  expect(isWorthRetrying('bad_run_id')).toBe(false);
});

it('counts on the network and the server to come back, and on nobody to sign in', () => {
  expect(isTransient('network')).toBe(true);
  expect(isTransient('service_unavailable')).toBe(true);
  expect(isTransient('unauthenticated')).toBe(false);
});
