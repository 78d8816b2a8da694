import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FailtraceOpenEvent } from './chip-events.ts';
import { nextMode, type PopoverEvent, type PopoverMode } from './popover-mode.ts';

/** A pointer that only crosses the chip opens nothing. */
const restMs = 150;
/** Time to cross the gap between chip and popover. */
const leaveMs = 250;

interface Options {
  button(): HTMLElement | null;
  popover(): HTMLElement | null;
  changed(mode: PopoverMode, before: PopoverMode): void;
}

/**
 * Turns pointer, keyboard and focus into the mode of the popover.
 *
 * The popover is `manual`: an `auto` one would close other popovers of the page on mere hovering.
 * So Escape and pressing outside are handled here, on the document, while it is open.
 */
export class PopoverController implements ReactiveController {
  mode: PopoverMode = 'closed';
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: Options;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isGivingFocusBack = false;
  #isAnnouncing = false;
  #whileConnected: AbortController | null = null;
  #whileOpen: AbortController | null = null;

  constructor(host: ReactiveControllerHost & HTMLElement, options: Options) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostConnected(): void {
    this.#whileConnected = new AbortController();
    const { signal } = this.#whileConnected;
    const host = this.#host;
    // The popover is inside the host, so these count for the chip and its popover as one.
    host.addEventListener('pointerenter', (event) => this.#onEnter(event), { signal });
    host.addEventListener('pointerleave', (event) => this.#onLeave(event), { signal });
    host.addEventListener('focusin', () => this.#onFocusIn(), { signal });
    host.addEventListener('focusout', (event) => this.#onFocusOut(event), { signal });
  }

  hostDisconnected(): void {
    this.#whileConnected?.abort();
    this.#whileOpen?.abort();
    clearTimeout(this.#timer);
    const before = this.mode;
    this.mode = 'closed';
    if (before !== 'closed') this.#options.changed('closed', before);
  }

  /** Applies an event at once. */
  send(event: PopoverEvent): void {
    clearTimeout(this.#timer);
    const before = this.mode;
    const mode = nextMode(before, event);
    if (mode === before) return;
    this.mode = mode;
    if (before === 'closed') this.#watchDocument();
    if (mode === 'closed') this.#whileOpen?.abort();
    this.#host.requestUpdate();
    this.#isAnnouncing = true;
    this.#options.changed(mode, before);
    this.#isAnnouncing = false;
  }

  #onEnter(event: PointerEvent): void {
    // A finger does not hover: its tap is a click.
    if (event.pointerType !== 'touch') this.#sendAfter(restMs, 'rest');
  }

  #onLeave(event: PointerEvent): void {
    if (event.pointerType === 'touch') return;
    if (this.#hasKeyboardFocus()) clearTimeout(this.#timer);
    else this.#sendAfter(leaveMs, 'leave');
  }

  #onFocusIn(): void {
    if (this.#isGivingFocusBack) return;
    if (this.#focusIsInPopover()) this.send('engage');
    else if (this.#hasKeyboardFocus()) this.#sendAfter(restMs, 'rest');
  }

  #onFocusOut(event: FocusEvent): void {
    // Without a new target the window has lost the focus, or nothing has it: no reason to close.
    if (event.relatedTarget !== null) this.send('blur');
    else if (this.mode === 'closed') clearTimeout(this.#timer);
  }

  #sendAfter(delayMs: number, event: PopoverEvent): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(event), delayMs);
  }

  #watchDocument(): void {
    this.#whileOpen = new AbortController();
    const { signal } = this.#whileOpen;
    const { ownerDocument } = this.#host;
    ownerDocument.addEventListener('keydown', (event) => this.#onKey(event), {
      signal,
      capture: true,
    });
    for (const root of new Set([ownerDocument, this.#host.getRootNode()])) {
      root.addEventListener('pointerdown', (event) => this.#onPress(event), {
        signal,
        capture: true,
      });
    }
    ownerDocument.addEventListener('failtrace-open', (event) => this.#onOtherOpen(event), {
      signal,
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    // One Escape closes one thing: a dialog around the table stays open.
    event.preventDefault();
    event.stopPropagation();
    this.#giveFocusBack();
    this.send('escape');
  }

  #onPress(event: Event): void {
    const popover = this.#options.popover();
    const path = event.composedPath();
    const outermost = outermostHost(this.#host);
    if (popover !== null && path.includes(popover)) this.send('engage');
    else if (path.includes(this.#host)) return;
    // The document does not see into a closed shadow root around the chip. The root itself does.
    else if (event.currentTarget === this.#host.ownerDocument && path.includes(outermost)) return;
    else this.send('outside');
  }

  #onOtherOpen(event: FailtraceOpenEvent): void {
    // Not told apart by its target: within a closed shadow root that is another element.
    if (this.#isAnnouncing) return;
    this.send(event.detail.pinned ? 'other-pinned' : 'other-preview');
  }

  #giveFocusBack(): void {
    if (this.mode !== 'pinned' && !this.#focusIsInPopover()) return;
    this.#isGivingFocusBack = true;
    this.#options.button()?.focus();
    this.#isGivingFocusBack = false;
  }

  #focusIsInPopover(): boolean {
    const focused = this.#host.shadowRoot?.activeElement ?? null;
    return focused !== null && this.#options.popover()?.contains(focused) === true;
  }

  #hasKeyboardFocus(): boolean {
    return this.#host.shadowRoot?.querySelector(':focus-visible') !== null;
  }
}

/** The element that stands for this one in the document: its outermost shadow host, or itself. */
function outermostHost(element: Element): Element {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? outermostHost(root.host) : element;
}
