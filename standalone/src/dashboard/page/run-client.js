// @ts-check

/** @typedef {import('@failtrace/contract').Run} Run */

/**
 * What `GET /api/runs` answers.
 * @typedef {object} RunPage
 * @property {Run[]} runs
 * @property {string | null} next_cursor
 */

const timeoutMs = 10_000;

/** The API did not give runs; `message` is a sentence for the person at the page. */
export class ApiError extends Error {
  /** @override */
  name = 'ApiError';
}

/** @type {Record<number, string>} */
const sentences = {
  401: 'The API asks for a key, and this demo page has none to give.',
  403: 'The API does not allow this page to read runs.',
  503: 'The API cannot reach its storage at the moment.',
};

/**
 * Asks for a page of runs.
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 * @returns {Promise<RunPage>}
 */
export async function fetchRuns(query, signal) {
  const response = await fetch(`/api/runs?${query}`, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((cause) => {
    throw signal.aborted ? cause : new ApiError('The API does not answer.', { cause });
  });
  if (!response.ok) throw new ApiError(await explain(response));
  return response.json();
}

/** @param {Response} response */
async function explain(response) {
  const sentence = sentences[response.status];
  if (sentence !== undefined) return sentence;
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? `The API answered with status ${response.status}.`;
}
