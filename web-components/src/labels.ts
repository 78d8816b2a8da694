import type { TraceReason } from '@failtrace/contract';
import type { ProblemCode } from './problem.ts';

/** Everything that "View Trace" can have to explain. */
export type TraceCode = TraceReason | ProblemCode | 'loading' | 'unavailable';

/** Every string that the chip shows. `{name}` stands for a value. */
export interface ChipLabels {
  /** Said before the chip's text by a screen reader; sighted people see the icon. */
  failed: string;
  /** Heading of the popover where no error type is known. */
  failure: string;
  /** Name of the popover: `{heading}`, `{run}`. */
  dialog: string;
  loading: string;
  noFailure: string;
  noDetails: string;
  misconfigured: string;
  message: string;
  noMessage: string;
  /** Under a message of which the API gave the beginning alone. */
  messageCut: string;
  /** The same, where there is a trace to download. */
  messageCutWithTrace: string;
  /** Under the message, where the API has not read everything that is recorded of the run. */
  incomplete: string;
  service: string;
  operation: string;
  run: string;
  /** Those that have a run of this id, where none was picked. */
  namespaces: string;
  /** Stands for the namespace of runs without one. */
  noNamespace: string;
  time: string;
  attempts: string;
  copy: string;
  /** The same where the message is cut. */
  copyCut: string;
  copied: string;
  copyFailed: string;
  viewTrace: string;
  retry: string;
  /** Announced when "View Trace" can be used. */
  ready: string;
  /** Beside "View Trace": what is known of the text. */
  cutAtSource: string;
  shortened: string;
  masked: string;
  /** Beside a disabled "View Trace": a few words. */
  notes: Readonly<Record<TraceCode, string>>;
  /** The tooltip of a disabled "View Trace": a sentence. */
  sentences: Readonly<Record<TraceCode, string>>;
}

/** What a host page may override: any of the labels, any of the notes and sentences. */
export type ChipLabelOverrides = Partial<
  Omit<ChipLabels, 'notes' | 'sentences'> & {
    notes: Partial<ChipLabels['notes']>;
    sentences: Partial<ChipLabels['sentences']>;
  }
>;

export const defaultLabels: ChipLabels = {
  failed: 'Failed:',
  failure: 'Failure',
  dialog: '{heading}, run {run}',
  loading: 'Loading…',
  noFailure: 'No failure',
  noDetails: 'No details recorded',
  misconfigured: 'Not set up',
  message: 'Error message',
  noMessage: 'The error has no message.',
  messageCut: 'Only the beginning of the message is shown.',
  messageCutWithTrace: 'Only the beginning of the message is shown; the trace has all of it.',
  incomplete: 'More is recorded of this run than is shown here.',
  service: 'Service',
  operation: 'Operation',
  run: 'Run',
  namespaces: 'Namespaces',
  noNamespace: '(none)',
  time: 'Time',
  attempts: 'Attempts',
  copy: 'Copy message',
  copyCut: 'Copy this part',
  copied: 'Copied',
  copyFailed: 'Not copied',
  viewTrace: 'View Trace',
  retry: 'Try again',
  ready: 'The trace is ready to download.',
  cutAtSource: 'cut short by its sender',
  shortened: 'middle frames left out',
  masked: 'secrets masked',
  notes: {
    loading: 'Looking up…',
    not_recorded: 'Not recorded',
    pending: 'Still recording…',
    expired: 'Expired',
    forbidden: 'No access',
    storage_error: 'Storage unavailable',
    ambiguous_run: 'Ambiguous run',
    unavailable: 'Not available',
    network: 'No connection',
    unauthenticated: 'Not signed in',
    denied: 'No access',
    not_found: 'Unknown run',
    service_unavailable: 'Service unavailable',
    unexpected: 'Unreadable answer',
    bad_api: 'Not set up',
    bad_run_id: 'Not set up',
  },
  sentences: {
    loading: 'Looking for the trace of this run.',
    not_recorded: 'No trace was recorded for this run.',
    pending: 'The trace is still being recorded. It appears here by itself.',
    expired: 'The trace was deleted at the end of its retention period.',
    forbidden: 'You do not have permission to read the trace of this run.',
    storage_error: 'The stored trace cannot be read at the moment.',
    ambiguous_run:
      'Several namespaces have a run with this id: the page must give this chip a namespace attribute.',
    unavailable: 'The trace of this run is not available.',
    network: 'The failtrace API could not be reached.',
    unauthenticated: 'You are not signed in to the failtrace API.',
    denied: 'The failtrace API does not let you read runs.',
    not_found: 'The failtrace API does not know this run.',
    service_unavailable: 'The failtrace API cannot answer at the moment.',
    unexpected: 'The failtrace API gave an answer that could not be read.',
    bad_api: 'This chip is not set up: its api attribute is no http or https address.',
    bad_run_id: 'This chip is not set up: its run-id attribute is missing or not valid.',
  },
};

/** The default labels with a host page's own in their place. */
export function mergeLabels(overrides: ChipLabelOverrides | null | undefined): ChipLabels {
  if (!overrides) return defaultLabels;
  return {
    ...defaultLabels,
    ...overrides,
    notes: { ...defaultLabels.notes, ...overrides.notes },
    sentences: { ...defaultLabels.sentences, ...overrides.sentences },
  };
}
