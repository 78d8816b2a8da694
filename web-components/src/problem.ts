/** Why nothing is known of a run: the API could not be asked, or did not answer with one. */
export type ProblemCode =
  | 'network'
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'service_unavailable'
  | 'unexpected'
  | 'bad_api'
  | 'bad_run_id';

const byStatus: Readonly<Record<number, ProblemCode>> = {
  401: 'unauthenticated',
  403: 'denied',
  404: 'not_found',
  429: 'service_unavailable',
  502: 'service_unavailable',
  503: 'service_unavailable',
  504: 'service_unavailable',
};

/** What an answer other than 2xx means to the person in front of the chip. */
export function problemOfStatus(status: number): ProblemCode {
  return byStatus[status] ?? 'unexpected';
}

const permanent: ReadonlySet<string> = new Set<ProblemCode>(['bad_api', 'bad_run_id']);

/** Whether asking again can help. */
export function isWorthRetrying(problem: ProblemCode): boolean {
  return !permanent.has(problem);
}

const transient: ReadonlySet<string> = new Set<ProblemCode>(['network', 'service_unavailable']);

/** Whether the next request may well succeed without anybody doing anything. */
export function isTransient(problem: ProblemCode): boolean {
  return transient.has(problem);
}
