import { describe, expect, it } from 'vitest';
import { Forbidden } from '../errors.ts';
import { isLoopbackHost, loopbackGuard } from './loopback.ts';

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])(
    'takes %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  it.each([
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example',
  ])('refuses %s', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe('loopbackGuard', () => {
  const from = (host: string) =>
    new Request('http://127.0.0.1:8080/api/runs', { headers: { host } });

  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])('lets in %s', (host) => {
    expect(loopbackGuard(from(host)).scope).toEqual({ namespaces: '*', services: '*' });
  });

  it.each(['rebound.example', 'rebound.example:8080', '192.168.0.1:8080'])(
    'keeps out %s',
    (host) => {
      expect(() => loopbackGuard(from(host))).toThrow(Forbidden);
    },
  );
});
