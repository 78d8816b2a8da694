import { isRunId, parseApi } from './api-url.ts';
import { parseRun, type Run } from './run.ts';

/** What a host page has set on the chip. */
export interface ChipInput {
  readonly runId: string | null | undefined;
  readonly api: string | null | undefined;
  /** The `run` property: untyped, because a host page may set anything. */
  readonly run: unknown;
  readonly pageUrl: string;
}

/** The same, understood; or the attribute that could not be. */
export type ChipConfig =
  | { readonly ok: true; readonly api: URL; readonly runId: string; readonly run: Run | null }
  | {
      readonly ok: false;
      readonly problem: 'bad_api' | 'bad_run_id';
      readonly runId: string;
      /** For the person who sets the chip up, not for the one who looks at it. */
      readonly warning: string;
    };

/**
 * Understands the attributes of a chip.
 *
 * A `run` without a `run-id` names the run. Where both are there and differ, `run-id` holds: a row
 * that was used again for another run must not show the one before.
 */
export function readConfig(input: ChipInput): ChipConfig {
  const run = input.run === null || input.run === undefined ? null : parseRun(input.run);
  const runId = input.runId || run?.run_id || '';
  const api = parseApi(input.api, input.pageUrl);
  if (!isRunId(runId)) {
    return {
      ok: false,
      problem: 'bad_run_id',
      runId,
      warning: `<failure-chip>: run-id ${quote(runId)} is no run id; 1 to 256 characters, no control characters`,
    };
  }
  if (api === null) {
    return {
      ok: false,
      problem: 'bad_api',
      runId,
      warning: `<failure-chip>: api ${quote(input.api ?? '')} is neither an http(s) URL nor a path on this page's origin`,
    };
  }
  return { ok: true, api, runId, run: run?.run_id === runId ? run : null };
}

function quote(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}

const credentialModes: ReadonlySet<string> = new Set<RequestCredentials>([
  'omit',
  'same-origin',
  'include',
]);

/** The `credentials` attribute; anything that is none of the three modes counts as `same-origin`. */
export function readCredentials(value: string | null | undefined): RequestCredentials {
  return isCredentials(value) ? value : 'same-origin';
}

function isCredentials(value: string | null | undefined): value is RequestCredentials {
  return typeof value === 'string' && credentialModes.has(value);
}
