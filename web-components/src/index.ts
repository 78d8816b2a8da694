import { FailureChip } from './failure-chip.ts';

export type { Run, RunTrace, TraceReason } from '@failtrace/contract';
export { FailureChip } from './failure-chip.ts';
export type {
  FailtraceCloseEvent,
  FailtraceDownloadEvent,
  FailtraceOpenEvent,
} from './chip-events.ts';
export { type ChipLabelOverrides, type ChipLabels, defaultLabels } from './labels.ts';

// Two versions of the package on one page: the first one stays. On a server there is no registry.
if (globalThis.customElements?.get('failure-chip') === undefined) {
  globalThis.customElements?.define('failure-chip', FailureChip);
}
