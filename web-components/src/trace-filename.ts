const longest = 200;
const ending = '_trace.txt';

/**
 * The name under which a run's trace is saved: `run_<id>_trace.txt`.
 *
 * An id that starts with `run_` gets no second one. Characters other than letters, digits, `.`, `_`
 * and `-` become `_`, so the name is safe on every file system and in every header. At most 200
 * characters; never a leading dot.
 */
export function traceFilename(runId: string): string {
  const safe = runId.replace(/[^A-Za-z0-9._-]/gu, '_');
  const name = safe.startsWith('run_') ? safe : `run_${safe}`;
  return name.slice(0, longest - ending.length) + ending;
}
