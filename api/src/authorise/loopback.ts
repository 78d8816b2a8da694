import { hostnameOf, isLoopbackHost } from '@failtrace/contract/server';
import { Forbidden } from '../errors.ts';
import { permissions } from './caller.ts';
import type { Guard } from './caller.ts';

/**
 * Lets in whoever reaches a server that listens on a loopback address: the people of this machine.
 *
 * A web page in one of their browsers could reach it too, under a host name of its own that it
 * makes resolve to 127.0.0.1 (DNS rebinding). The `Host` header gives such a page away.
 */
export const loopbackGuard: Guard = async (request) => {
  const host = request.headers.get('host') ?? new URL(request.url).host;
  if (!isLoopbackHost(hostnameOf(host))) {
    throw new Forbidden(
      'Without authentication this API answers on loopback names alone, such as localhost.',
    );
  }
  return {
    name: 'loopback',
    permissions: new Set(permissions),
    scope: { namespaces: '*', services: '*' },
  };
};
