import { type Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a server answered. */
export interface Answer {
  status: number;
  body: string;
}

/**
 * Asks, by POST where there is a body of JSON, and reads the whole answer. On plain `node:http`: `fetch`
 * takes a millisecond more, which is none of the server's.
 */
export function ask(agent: Agent, url: string, body?: unknown): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const json = body === undefined ? undefined : JSON.stringify(body);
  request(
    url,
    {
      agent,
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
export async function askWell(agent: Agent, url: string, body?: unknown): Promise<string> {
  const answer = await ask(agent, url, body);
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
  return answer.body;
}
