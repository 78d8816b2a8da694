import type { Server } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { watchConnections } from './connections.ts';
import { HOST_SETTING } from './settings.ts';

/** The address that was asked for cannot be listened on; `message` names what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: 'port_in_use' | 'address_not_available';

  constructor(code: ListenError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Where to listen, and the setting that says so. */
export interface ListenOptions {
  /** Of every program from `FAILTRACE_HOST`. */
  host: string;
  /** 0 for any free port. */
  port: number;
  /** The setting that the port comes from, for the person who has to change it. */
  portSetting: string;
  /** So long, in milliseconds, may requests that are under way at `close` take; then they are ended. */
  drainMs: number;
}

/** A server that listens. */
export interface Listening {
  host: string;
  /** The port that the kernel chose, where 0 was asked for. */
  port: number;
  /** Such as `http://127.0.0.1:8080`. */
  url: string;
  /**
   * Takes no more connections, lets the requests under way finish for at most `drainMs`, and ends
   * them then; every answer says `Connection: close`. Resolves when all connections are closed. Who asks
   * again waits for the same.
   */
  close(): Promise<void>;
}

/**
 * Starts listening.
 *
 * @throws ListenError the port or the address cannot be had
 */
export async function listen(server: Server, options: ListenOptions): Promise<Listening> {
  const connections = watchConnections(server);
  const address = await bind(server, options);
  let closed: Promise<void> | undefined;
  return { ...address, close: () => (closed ??= connections.close(options.drainMs)) };
}

/**
 * Lets a server of any kind listen, without a watch over its connections.
 *
 * @throws ListenError the port or the address cannot be had
 */
export async function bind(
  server: Pick<NetServer, 'listen' | 'once' | 'off' | 'address'>,
  options: Omit<ListenOptions, 'drainMs'>,
): Promise<Pick<Listening, 'host' | 'port' | 'url'>> {
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(listenError(cause, options));
    server.once('error', refuse);
    server.listen(port, host.replace(/^\[(.*)\]$/, '$1'), () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { host, port: address.port, url: `http://${name}:${address.port}` };
}

function listenError(
  cause: NodeJS.ErrnoException,
  { host, port, portSetting }: Omit<ListenOptions, 'drainMs'>,
): ListenError {
  if (cause.code === 'EADDRINUSE') {
    return new ListenError(
      'port_in_use',
      `Port ${port} on ${host} is in use. Stop what listens there, or set ${portSetting} to another port.`,
      { cause },
    );
  }
  return new ListenError(
    'address_not_available',
    `Nothing can listen on ${host}, port ${port} (${cause.code}). Set ${HOST_SETTING} to an address of this machine, and ${portSetting} to a port that this user may open.`,
    { cause },
  );
}
