import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address that was asked for cannot be listened on; `message` names what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: 'port_in_use' | 'address_not_available';

  constructor(code: ListenError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A server that listens. */
export interface Listening {
  host: string;
  /** The port that the kernel chose, where 0 was asked for. */
  port: number;
  /** Takes no more connections, and resolves when the requests under way are answered. */
  close(): Promise<void>;
}

/**
 * Starts listening.
 *
 * @throws ListenError
 */
export async function listen(server: Server, host: string, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen(port, host, resolve);
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ListenError {
  if (cause.code === 'EADDRINUSE') {
    return new ListenError(
      'port_in_use',
      `Port ${port} on ${host} is in use. Stop what listens there, or set FAILTRACE_OTLP_PORT to another port.`,
      { cause },
    );
  }
  return new ListenError(
    'address_not_available',
    `The receiver cannot listen on ${host}, port ${port}: ${cause.message}. Check FAILTRACE_HOST and FAILTRACE_OTLP_PORT.`,
    { cause },
  );
}
