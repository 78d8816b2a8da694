import { connect } from 'node:net';
import { DemoError } from './demo-error.ts';

const defaultPorts: Record<string, number> = { 'http:': 80, 'https:': 443 };

/**
 * Makes sure that something listens where the spans are to go.
 * @throws {DemoError} `invalid_argument` for what is no http(s) URL, `no_receiver` when nothing
 *   accepts a connection within 3 s.
 */
export async function assertReceiverListens(otlpEndpoint: string): Promise<void> {
  const url = URL.parse(otlpEndpoint);
  const defaultPort = defaultPorts[url?.protocol ?? ''];
  if (url === null || defaultPort === undefined) {
    const message = `OTEL_EXPORTER_OTLP_ENDPOINT="${otlpEndpoint}" is not an http or https URL.`;
    throw new DemoError('invalid_argument', message);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const accepted = await acceptsConnection(host, Number(url.port) || defaultPort);
  if (accepted) return;
  throw new DemoError(
    'no_receiver',
    `Nothing listens on ${otlpEndpoint}: run \`npm start\` in another terminal first.`,
  );
}

function acceptsConnection(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const end = (accepted: boolean) => (): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', end(true));
    socket.once('timeout', end(false));
    socket.once('error', end(false));
  });
}
