/** The popover has opened, or a preview was pinned. */
export type FailtraceOpenEvent = CustomEvent<{ runId: string; pinned: boolean }>;

/** The popover has closed. */
export type FailtraceCloseEvent = CustomEvent<{ runId: string }>;

/** "View Trace" was pressed. `preventDefault()` keeps the browser from downloading. */
export type FailtraceDownloadEvent = CustomEvent<{ runId: string; url: string; filename: string }>;

interface FailtraceEvents {
  'failtrace-open': FailtraceOpenEvent;
  'failtrace-close': FailtraceCloseEvent;
  'failtrace-download': FailtraceDownloadEvent;
}

/** Makes an event that bubbles out of the shadow tree of the chip and of those around it. */
export function chipEvent<Name extends keyof FailtraceEvents>(
  name: Name,
  detail: FailtraceEvents[Name]['detail'],
): FailtraceEvents[Name];
export function chipEvent(name: string, detail: unknown): CustomEvent {
  const cancelable = name === 'failtrace-download';
  return new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable });
}

declare global {
  // Of elements, documents and windows alike.
  interface GlobalEventHandlersEventMap extends FailtraceEvents {}
}
