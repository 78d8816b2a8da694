import type { Run } from '@failtrace/contract';
import { traceHref } from './api-url.ts';
import type { ChipConfig } from './chip-config.ts';
import { fill, formatBytes, formatTime } from './format.ts';
import type { ChipLabels, TraceCode } from './labels.ts';
import { oneLine } from './one-line.ts';
import { isWorthRetrying } from './problem.ts';
import type { LookupState } from './run-lookup-controller.ts';
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
  /** '' when there is none, null while that is not known. */
  readonly message: string | null;
  /** Whether that is only its beginning. */
  readonly messageIsCut: boolean;
  /** What is left out of message and details, in sentences; '' when nothing is. */
  readonly notice: string;
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
/** One name must not take the place of all the others. */
const longestNamespace = 40;

/** What a chip shows, given what it was told and what is known of its run. */
export function chipView(input: ViewInput): ChipView {
  const { config, lookup, labels } = input;
  const answer = lookup.kind === 'ready' || lookup.kind === 'loading' ? lookup.run : null;
  // A record that stands for several runs tells of none of them.
  const run = answer?.trace.reason === 'ambiguous_run' ? null : answer;
  const code = codeOf(config, lookup, answer);
  const messageIsCut = run?.error_message_truncated === true;
  const trace = traceOf(input, run, code);
  const cutMessage = trace.available ? labels.messageCutWithTrace : labels.messageCut;
  const message = run?.error_message || input.errorMessage;
  const heading = cut(run?.error_type ?? '') || labels.failure;
  return {
    tone: input.errorMessage !== '' || run?.status === 'failed' ? 'failed' : 'neutral',
    label: labelOf(input, run, code),
    heading,
    dialog: visibleString(fill(labels.dialog, { heading, run: cut(config.runId) })),
    message: message === '' && run === null ? null : message,
    messageIsCut,
    notice: sentences(messageIsCut && cutMessage, run?.incomplete && labels.incomplete),
    details: detailsOf(config.runId, answer, labels, input.locale),
    trace,
  };
}

function sentences(...all: (string | false | undefined)[]): string {
  return all.filter(Boolean).join(' ');
}

function labelOf({ config, errorMessage, labels }: ViewInput, run: Run | null, code: TraceCode) {
  const known = oneLine(errorMessage || run?.error_message || run?.error_type || '');
  if (known !== '') return known;
  if (run !== null) {
    const byStatus = { failed: labels.failure, ok: labels.noFailure, unknown: labels.noDetails };
    return byStatus[run.status];
  }
  if (!config.ok) return labels.misconfigured;
  return code === 'loading' ? labels.loading : labels.notes[code];
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
    [labels.namespaces, namespacesOf(run, labels), null],
    [labels.time, time === null ? '' : formatTime(time, locale), time],
    [labels.attempts, run?.attempts ? String(run.attempts) : '', null],
  ];
  return rows
    .filter(([, value]) => value !== '')
    .map(([name, value, at]) => ({ name, value: cut(value), time: at }));
}

function namespacesOf(run: Run | null, labels: ChipLabels): string {
  const names = run?.trace.reason === 'ambiguous_run' ? (run.namespaces ?? []) : [];
  // A name takes a character and a separator at least: more than these would be cut off anyway.
  return names
    .slice(0, longestDetail)
    .map((name) => cut(name, longestNamespace) || labels.noNamespace)
    .join(', ');
}

function traceOf(
  { config, lookup, labels, locale }: ViewInput,
  run: Run | null,
  code: TraceCode,
): TraceView {
  if (config.ok && run?.trace.available && run.trace.url !== null) {
    const { filename } = config;
    const href = traceHref(config.api, run.trace.url, filename);
    if (href !== null)
      return { available: true, href, filename, note: noteOf(run, labels, locale) };
  }
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

function cut(text: string, longest = longestDetail): string {
  const characters = Array.from(text.slice(0, longest * 2 + 1));
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
}
