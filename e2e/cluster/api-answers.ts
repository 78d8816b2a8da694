import { expect } from 'vitest';

/** An answer of the API, read to its end. */
export interface Answer {
  status: number;
  type: string | null;
  text: string;
}

/** Asks for a path below `/api/`. */
export async function get(api: { url: string }, path: string): Promise<Answer> {
  const response = await fetch(`${api.url}/api/${path}`);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  };
}

/** The run ids of the whole list, page by page. */
export async function listed(api: { url: string }): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, text } = await get(api, `runs?limit=500${after}`);
    expect(status).toBe(200);
    const page = JSON.parse(text) as { runs: { run_id: string }[]; next_cursor: string | null };
    ids.push(...page.runs.map(({ run_id }) => run_id));
    cursor = page.next_cursor;
  }
  return ids.toSorted();
}

/** The messages of these runs, by one question for all of them. */
export async function lookedUp(api: { url: string }, runIds: string[]): Promise<string[]> {
  const response = await fetch(`${api.url}/api/runs/lookup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_ids: runIds }),
  });
  const { runs } = (await response.json()) as { runs: { error_message: string }[] };
  return runs.map(({ error_message }) => error_message);
}

/** What of a long text can be read when it is not what was expected. */
export function inShort(text: string): string {
  return `${text.slice(0, 200)} … ${text.length}`;
}
