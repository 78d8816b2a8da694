import { chipTraceFilename, type Run } from '@failtrace/contract';
import { canBeAsked, parseApi } from './api-url.ts';
import { parseRun } from './parse-run.ts';
import { isRecordOf, namespaceOf } from './record-of.ts';

/** What a host page has set on the chip. */
export interface ChipInput {
  readonly runId: string | null | undefined;
  readonly namespace: string | null | undefined;
  readonly api: string | null | undefined;
  /** The `run` property: untyped, because a host page may set anything. */
  readonly run: unknown;
  readonly pageUrl: string;
}

/** The same, understood; or the attribute that could not be. */
export type ChipConfig =
  | {
      readonly ok: true;
      readonly api: URL;
      readonly runId: string;
      /** What goes with every request; null: the page names none. */
      readonly namespace: string | null;
      /** What the trace is saved under. */
      readonly filename: string;
      readonly run: Run | null;
    }
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
 * A `run` without attributes names the run. Where both are there and differ, the attributes hold: a
 * row that was used again for another run must not show the one before. The file is named by the
 * namespace only where the page gives it, so that pages with one namespace get short names.
 */
export function readConfig(input: ChipInput): ChipConfig {
  const given = parseRun(input.run);
  const runId = input.runId || given?.run_id || '';
  const namespace = input.namespace ?? null;
  const api = parseApi(input.api, input.pageUrl);
  if (!canBeAsked(runId)) {
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
  const run = given !== null && isRecordOf(given, { runId, namespace }, input.run) ? given : null;
  return {
    ok: true,
    api,
    runId,
    namespace: namespace ?? (run && namespaceOf(run, input.run)),
    filename: chipTraceFilename({ runId, namespace: namespace ?? '' }),
    run,
  };
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
