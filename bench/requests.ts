import { type Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a server answered. */
interface Answer {
  status: number;
  body: string;
}

/** What a request carries beside its URL. */
interface AskOptions {
  /** Sent as JSON, by POST. */
  body?: unknown;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Asks, by POST where there is a body of JSON, and reads the whole answer. On plain `node:http`: `fetch`
 * takes a millisecond more, which is none of the server's.
 */
function ask(agent: Agent, url: string, { body, signal }: AskOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const json = body === undefined ? undefined : JSON.stringify(body);
  request(
    url,
    {
      agent,
      signal,
      method: json === undefined ? 'GET' : 'POST',
      headers: json === undefined ? {} : { 'content-type': 'application/json' },
    },
    (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((answer) => resolve({ status, body: answer }), reject);
    },
  )
    .once('error', reject)
    .end(json);
  return promise;
}

/** The same where nothing but 200 will do. */
export async function askWell(
  agent: Agent,
  url: string,
  options: AskOptions = {},
): Promise<string> {
  const answer = await ask(agent, url, options);
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
  return answer.body;
}

/** So long anybody waits for an answer. */
const PATIENCE_MS = 15_000;

/** The same; undefined where the server is over its own limits (503), or takes longer than anybody waits. */
export async function askInTime(
  agent: Agent,
  url: string,
  options: Pick<AskOptions, 'body'> = {},
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { status, body } = await ask(agent, url, { ...options, signal });
    if (status === 503) return undefined;
    if (status === 200) return body;
    throw new Error(`answered ${status}: ${body}`);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
