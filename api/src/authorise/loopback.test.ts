import { describe, expect, it } from 'vitest';
import { Forbidden } from '../errors.ts';
import { loopbackGuard } from './loopback.ts';

describe('loopbackGuard', () => {
  const from = (host: string) =>
    new Request('http://127.0.0.1:8080/api/runs', { headers: { host } });

  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])(
    'lets in %s',
    async (host) => {
      expect((await loopbackGuard(from(host))).scope).toEqual({ namespaces: '*', services: '*' });
    },
  );

  it.each(['rebound.example', 'rebound.example:8080', '192.168.0.1:8080'])(
    'keeps out %s',
    async (host) => {
      await expect(loopbackGuard(from(host))).rejects.toThrow(Forbidden);
    },
  );
});
