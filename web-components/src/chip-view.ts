import { traceHref } from './api-url.ts';
import type { ChipConfig } from './chip-config.ts';
import { fill, formatBytes, formatTime } from './format.ts';
import type { ChipLabels, TraceCode } from './labels.ts';
import { oneLine } from './one-line.ts';
import { isWorthRetrying } from './problem.ts';
import type { Run } from './run.ts';
import type { LookupState } from './run-lookup-controller.ts';
import { traceFilename } from './trace-filename.ts';
import { visibleString } from './visible-text.ts';

/** One fact in the popover. */
export interface Detail {
  readonly name: string;
  readonly value: string;
  /** RFC 3339, where the value is a time. */
  readonly time: string | null;
}

/** What "View Trace" is: a download, or the reason why there is none. */
export type TraceView =
  | {
      readonly available: true;
      readonly href: string;
      readonly filename: string;
      readonly note: string;
    }
  | {
      readonly available: false;
      readonly note: string;
      readonly sentence: string;
      readonly busy: boolean;
      readonly retry: boolean;
    };

/** Everything the chip shows, before any of it is markup. */
export interface ChipView {
  readonly tone: 'failed' | 'neutral';
  /** One line, cut at 300 characters. */
  readonly label: string;
  readonly heading: string;
  /** The name of the popover. */
  readonly dialog: string;
  /** Whole; '' when there is none, null while that is not known. */
  readonly message: string | null;
  readonly details: readonly Detail[];
  readonly trace: TraceView;
}

interface ViewInput {
  readonly config: ChipConfig;
  readonly lookup: LookupState;
  /** The `error-message` attribute. */
  readonly errorMessage: string;
  readonly labels: ChipLabels;
  readonly locale: string | undefined;
}

/** The facts beside the message are cut here; the message never is. */
const longestDetail = 200;

/** What a chip shows, given what it was told and what is known of its run. */
export function chipView(input: ViewInput): ChipView {
  const { config, lookup, labels } = input;
  const run = lookup.kind === 'ready' || lookup.kind === 'loading' ? lookup.run : null;
  const message = run?.error_message || input.errorMessage;
  const heading = cut(run?.error_type ?? '') || labels.failure;
  return {
    tone: input.errorMessage !== '' || run?.status === 'failed' ? 'failed' : 'neutral',
    label: labelOf(input, run),
    heading,
    dialog: visibleString(fill(labels.dialog, { heading, run: cut(config.runId) })),
    message: message === '' && run === null ? null : message,
    details: detailsOf(config.runId, run, labels, input.locale),
    trace: traceOf(config, lookup, run, labels, input.locale),
  };
}

function labelOf({ config, lookup, errorMessage, labels }: ViewInput, run: Run | null): string {
  const known = oneLine(errorMessage || run?.error_message || run?.error_type || '');
  if (known !== '') return known;
  if (run !== null) {
    const byStatus = { failed: labels.failure, ok: labels.noFailure, unknown: labels.noDetails };
    return byStatus[run.status];
  }
  if (!config.ok) return labels.misconfigured;
  return lookup.kind === 'failed' ? labels.notes[lookup.problem] : labels.loading;
}

function detailsOf(
  runId: string,
  run: Run | null,
  labels: ChipLabels,
  locale: string | undefined,
): Detail[] {
  const time = run?.ended_at ?? run?.started_at ?? null;
  const service = [run?.namespace, run?.service].filter(Boolean).join('/');
  const rows: [name: string, value: string, time: string | null][] = [
    [labels.service, service, null],
    [labels.operation, run?.name ?? '', null],
    [labels.run, runId, null],
    [labels.time, time === null ? '' : formatTime(time, locale), time],
    [labels.attempts, run?.attempts ? String(run.attempts) : '', null],
  ];
  return rows
    .filter(([, value]) => value !== '')
    .map(([name, value, at]) => ({ name, value: cut(value), time: at }));
}

function traceOf(
  config: ChipConfig,
  lookup: LookupState,
  run: Run | null,
  labels: ChipLabels,
  locale: string | undefined,
): TraceView {
  if (config.ok && run?.trace.available && run.trace.url !== null) {
    const filename = traceFilename(config.runId);
    const href = traceHref(config.api, run.trace.url, filename);
    if (href !== null)
      return { available: true, href, filename, note: noteOf(run, labels, locale) };
  }
  const code = codeOf(config, lookup, run);
  return {
    available: false,
    note: labels.notes[code],
    sentence: labels.sentences[code],
    busy: code === 'loading' || code === 'pending',
    retry:
      code === 'storage_error' || (lookup.kind === 'failed' && isWorthRetrying(lookup.problem)),
  };
}

function codeOf(config: ChipConfig, lookup: LookupState, run: Run | null): TraceCode {
  if (!config.ok) return config.problem;
  if (lookup.kind === 'failed') return lookup.problem;
  if (run === null) return 'loading';
  return run.trace.reason ?? 'unavailable';
}

function noteOf(run: Run, labels: ChipLabels, locale: string | undefined): string {
  const { bytes, truncated, upstream_truncated: cutAtSource, masked } = run.trace;
  const facts = [
    bytes === null ? '' : formatBytes(bytes, locale),
    truncated ? labels.shortened : '',
    cutAtSource ? labels.cutAtSource : '',
    masked ? labels.masked : '',
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}

function cut(text: string): string {
  const characters = Array.from(text.slice(0, longestDetail * 2));
  return characters.length > longestDetail
    ? `${characters.slice(0, longestDetail).join('')}…`
    : text;
}
