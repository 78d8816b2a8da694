import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a client asks for that does nothing but receive. */
export interface BareRequest {
  /** May hold a user and a password. */
  url: string;
  /** Sent by POST; without it the request is a GET. */
  body?: string;
}

/** How fast it came. */
export interface BareDownload {
  bytes: number;
  bytesPerSecond: number;
}

/** A client in a process of its own if there is one: it then shares no core with who measures. */
export interface BareClient {
  name: string;
  download(asked: BareRequest): Promise<BareDownload>;
}

/** curl, or where the machine has none, Node's own client. */
export async function bareClient(): Promise<BareClient> {
  const hasCurl = await run('curl', ['--version'], '').then(
    () => true,
    () => false,
  );
  return hasCurl
    ? { name: 'curl', download: byCurl }
    : { name: 'a bare client in Node', download: byNode };
}

/** curl's own clock, so that its start does not count. The password stays out of its arguments. */
async function byCurl({ url, body }: BareRequest): Promise<BareDownload> {
  const { address, user } = split(url);
  const configuration = [
    `url = "${address}"`,
    ...(user === ':' ? [] : [`user = "${user}"`]),
    ...(body === undefined ? [] : [`data-binary = "${body.replaceAll(/\s+/g, ' ')}"`]),
  ];
  const format = '%{size_download} %{time_total}';
  const args = ['--silent', '--show-error', '--fail', '--output', '/dev/null'];
  const printed = await run(
    'curl',
    [...args, '--write-out', format, '--config', '-'],
    configuration.join('\n'),
  );
  const [bytes = Number.NaN, seconds = Number.NaN] = printed.split(' ').map(Number);
  return { bytes, bytesPerSecond: bytes / seconds };
}

async function byNode({ url, body }: BareRequest): Promise<BareDownload> {
  const { address, user } = split(url);
  const start = performance.now();
  const sent = request(address, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    ...(user !== ':' && { auth: user }),
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await once(response, 'end');
  return { bytes, bytesPerSecond: (bytes / (performance.now() - start)) * 1000 };
}

function split(url: string): { address: string; user: string } {
  const { username, password } = new URL(url);
  const address = new URL(url);
  address.username = '';
  address.password = '';
  return {
    address: address.href,
    user: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  };
}

async function run(command: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  child.stdin.end(input);
  const [printed, [code]] = await Promise.all([text(child.stdout), exited]);
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return printed;
}
