import type { Run } from '@failtrace/contract';
import {
  LitElement,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit';
import { type ChipConfig, readConfig, readCredentials } from './chip-config.ts';
import { chipEvent } from './chip-events.ts';
import { chipTemplate, type CopyState } from './chip-template.ts';
import { chipView, type ChipView } from './chip-view.ts';
import { copyText } from './copy-text.ts';
import { failureChipStyles } from './failure-chip.styles.ts';
import { usableLocale } from './format.ts';
import { type ChipLabelOverrides, mergeLabels } from './labels.ts';
import { LookupQueue } from './lookup-queue.ts';
import { PopoverController } from './popover-controller.ts';
import type { PopoverMode } from './popover-mode.ts';
import { PopoverPlacement } from './popover-placement.ts';
import type { Fetch } from './run-client.ts';
import { RunLookupController } from './run-lookup-controller.ts';
import { whenVisible } from './when-visible.ts';

/** Another value of these means another run, or another place to ask for it. */
const identifying = ['runId', 'namespace', 'api', 'run'] as const;
/** With these it is decided anew whether to ask before anybody points at the chip. */
const askedFor = [...identifying, 'errorMessage'] as const;

/** How long the copy button says that it has copied. */
const copiedMs = 2_000;

/**
 * A failed run in one line; its whole error message and its trace one click away.
 *
 * Needs `run-id`, `namespace` where several have a run of that id, and `api` where the failtrace API
 * is not on the page's own origin. With
 * `error-message` it asks nothing until somebody points at it; without, it is looked up together
 * with the other chips in view.
 *
 * @fires {FailtraceOpenEvent} failtrace-open - the popover has opened, or a preview was pinned
 * @fires {FailtraceCloseEvent} failtrace-close - the popover has closed
 * @fires {FailtraceDownloadEvent} failtrace-download - "View Trace" was pressed; cancelable
 *
 * @csspart chip - the button in the cell
 * @csspart icon - every icon
 * @csspart label - the cut-off line in the chip
 * @csspart popover - the popover
 * @csspart header - its first line
 * @csspart type - the error type
 * @csspart message - the message, as much of it as the API gives
 * @csspart notice - what is left out of the message and the details
 * @csspart mark - the box that stands for an invisible character
 * @csspart details - service, run, time, attempts
 * @csspart footer - its last line
 * @csspart note - the size of the trace, or why there is none in a few words
 * @csspart copy - the copy button
 * @csspart retry - the button that asks the API again
 * @csspart download - "View Trace"
 * @csspart tooltip - why "View Trace" is disabled
 *
 * @cssproperty --failure-chip-color - text and icon of a failure
 * @cssproperty --failure-chip-neutral-color - text and icon where there is no failure
 * @cssproperty --failure-chip-background - the chip
 * @cssproperty --failure-chip-background-hover - the chip, pointed at or open
 * @cssproperty --failure-chip-border-color - the chip's border
 * @cssproperty --failure-chip-radius - the chip's corners
 * @cssproperty --failure-chip-padding - the chip's padding
 * @cssproperty --failure-chip-font-size - the chip's text
 * @cssproperty --failure-chip-max-inline-size - the longest chip; default 26rem
 * @cssproperty --failure-chip-focus-color - focus rings
 * @cssproperty --failure-chip-mono-font - the message
 * @cssproperty --failure-chip-popover-background - the popover
 * @cssproperty --failure-chip-popover-color - its text
 * @cssproperty --failure-chip-popover-border-color - its border and lines
 * @cssproperty --failure-chip-popover-radius - its corners
 * @cssproperty --failure-chip-popover-shadow - its shadow
 * @cssproperty --failure-chip-popover-font-size - its text
 * @cssproperty --failure-chip-popover-inline-size - its width; default 32rem, never wider than the viewport
 * @cssproperty --failure-chip-popover-max-block-size - its height; default 28rem, never more than half the viewport
 * @cssproperty --failure-chip-message-background - the box of the message
 * @cssproperty --failure-chip-muted-color - names of details, notes
 * @cssproperty --failure-chip-accent-color - "View Trace"
 * @cssproperty --failure-chip-on-accent-color - its text
 */
export class FailureChip extends LitElement {
  static override readonly styles = failureChipStyles;

  static override readonly properties: PropertyDeclarations = {
    runId: { attribute: 'run-id' },
    namespace: {},
    api: {},
    errorMessage: { attribute: 'error-message' },
    credentials: {},
    run: { attribute: false },
    requestInit: { attribute: false },
    fetch: { attribute: false },
    labels: { attribute: false },
  };

  /** One for all chips of the page, so that they are looked up together. */
  static readonly lookups = new LookupQueue();

  /** The run that is shown. Attribute `run-id`. */
  declare runId: string | null;
  /** The tenant of the run, where the page knows it; '' for runs that have none. */
  declare namespace: string | null;
  /** Where the API answers: an http(s) URL, or a path of this origin. Default: this origin. */
  declare api: string | null;
  /** What is known of the message already, whole or cut off. Attribute `error-message`. */
  declare errorMessage: string | null;
  /** `omit`, `same-origin` (default) or `include`: cookies to an API on another origin. */
  declare credentials: string | null;
  /** The whole run, where the page has it already: nothing is asked for then. */
  declare run: Run | null;
  /** Headers and other options of every request. A download is the browser's and takes none. */
  declare requestInit: RequestInit | null;
  /** Used in the place of the page's `fetch`. */
  declare fetch: Fetch | null;
  /** Texts in other words or another language. */
  declare labels: ChipLabelOverrides | null;

  readonly #popover = new PopoverController(this, {
    button: () => this.#query('.chip'),
    popover: () => this.#query('.popover'),
    changed: (mode, before) => this.#onModeChange(mode, before),
  });
  readonly #lookup = new RunLookupController(this, {
    target: () => this.#target(),
    queue: () => FailureChip.lookups,
  });
  readonly #placement = new PopoverPlacement();
  #config: ChipConfig = readConfig({ runId: '', namespace: null, api: '', run: null, pageUrl: '' });
  #copyState: CopyState = null;
  #copyTimer: ReturnType<typeof setTimeout> | undefined;
  #stopWaiting: () => void = () => undefined;

  constructor() {
    super();
    this.runId = null;
    this.namespace = null;
    this.api = null;
    this.errorMessage = null;
    this.credentials = null;
    this.run = null;
    this.requestInit = null;
    this.fetch = null;
    this.labels = null;
  }

  /** Whether the popover is open, as a preview or pinned. */
  get open(): boolean {
    return this.#popover.mode !== 'closed';
  }

  /** Opens the popover and pins it. */
  show(): void {
    if (this.#popover.mode !== 'pinned') this.#popover.send('press');
  }

  /** Closes the popover. */
  hide(): void {
    this.#popover.send('escape');
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // A row that reacts to clicks and keys must not react to those meant for the chip.
    this.shadowRoot?.addEventListener('click', stop);
    this.shadowRoot?.addEventListener('keydown', stopPress);
    if (this.hasUpdated) this.#askWhenVisible();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopWaiting();
    this.#placement.end();
    clearTimeout(this.#copyTimer);
    this.#copyState = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!identifying.some((name) => changed.has(name))) return;
    this.#config = readConfig({
      runId: this.runId,
      namespace: this.namespace,
      api: this.api,
      run: this.run,
      pageUrl: this.ownerDocument?.baseURI ?? '',
    });
    this.#lookup.reset();
    if (!this.#config.ok) console.warn(this.#config.warning);
    else if (this.#config.run !== null) this.#lookup.accept(this.#config.run);
    else if (this.open) void this.#lookup.askOnce();
  }

  protected override render(): TemplateResult {
    const labels = mergeLabels(this.labels);
    const view = this.#view();
    return chipTemplate({
      view,
      labels,
      isOpen: this.open,
      isAnchored: this.#placement.isNative,
      copyState: this.#copyState,
      announcement: this.#announcement(view),
      actions: {
        press: () => this.#popover.send('press'),
        copy: (event) => void this.#copy(event, view.message ?? ''),
        download: (event) => this.#download(event, view),
        retry: () => void this.#lookup.retry(),
      },
    });
  }

  protected override updated(changed: PropertyValues<this>): void {
    const popover = this.#query('.popover');
    const button = this.#query('.chip');
    if (popover === null || button === null) return;
    if (this.open !== popover.matches(':popover-open')) popover.togglePopover(this.open);
    if (this.open) this.#placement.follow(button, popover);
    else this.#placement.end();
    if (askedFor.some((name) => changed.has(name))) this.#askWhenVisible();
  }

  #view(): ChipView {
    return chipView({
      config: this.#config,
      lookup: this.#lookup.state,
      errorMessage: this.errorMessage ?? '',
      labels: mergeLabels(this.labels),
      locale: usableLocale(this.closest('[lang]')?.getAttribute('lang')),
    });
  }

  /** A chip that was given no message has nothing to show until it is looked up. */
  #askWhenVisible(): void {
    this.#stopWaiting();
    if (!this.#config.ok || this.errorMessage || this.#lookup.state.kind !== 'idle') return;
    this.#stopWaiting = whenVisible(this, () => void this.#lookup.askWithOthers());
  }

  #target(): ReturnType<ConstructorParameters<typeof RunLookupController>[1]['target']> {
    if (!this.#config.ok) return null;
    const { api, runId, namespace } = this.#config;
    const init = { credentials: readCredentials(this.credentials), ...this.requestInit };
    return {
      endpoint: { api, fetch: this.fetch ?? globalThis.fetch, init },
      run: { runId, namespace },
    };
  }

  #onModeChange(mode: PopoverMode, before: PopoverMode): void {
    const { runId } = this.#config;
    if (mode === 'closed') {
      this.dispatchEvent(chipEvent('failtrace-close', { runId }));
      return;
    }
    this.dispatchEvent(chipEvent('failtrace-open', { runId, pinned: mode === 'pinned' }));
    if (before === 'closed') void this.#lookup.askOnce();
  }

  #announcement({ trace }: ChipView): string {
    const labels = mergeLabels(this.labels);
    if (this.#copyState === 'copied') return labels.copied;
    if (this.#copyState === 'failed') return labels.copyFailed;
    if (!this.open) return '';
    return trace.available ? labels.ready : trace.sentence;
  }

  async #copy(event: Event, message: string): Promise<void> {
    const button = event.currentTarget;
    const copied = await copyText(message, this.#query('.popover') ?? this);
    if (!this.isConnected) return;
    if (button instanceof HTMLElement) button.focus();
    this.#copyState = copied ? 'copied' : 'failed';
    this.requestUpdate();
    clearTimeout(this.#copyTimer);
    this.#copyTimer = setTimeout(() => {
      this.#copyState = null;
      this.requestUpdate();
    }, copiedMs);
  }

  #download(event: Event, { trace }: ChipView): void {
    if (!trace.available) {
      event.preventDefault();
      return;
    }
    const { href: url, filename } = trace;
    const download = chipEvent('failtrace-download', { runId: this.#config.runId, url, filename });
    if (!this.dispatchEvent(download)) event.preventDefault();
  }

  #query(selector: string): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>(selector) ?? null;
  }
}

function stop(event: Event): void {
  event.stopPropagation();
}

function stopPress(event: Event): void {
  if (event instanceof KeyboardEvent && (event.key === 'Enter' || event.key === ' ')) stop(event);
}

declare global {
  interface HTMLElementTagNameMap {
    'failure-chip': FailureChip;
  }
}
