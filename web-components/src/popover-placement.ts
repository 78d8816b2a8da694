import { placePopover, roomFor } from './popover-place.ts';

/**
 * Keeps an open popover at its chip.
 *
 * The browser does it by itself where it knows CSS anchor positioning. Elsewhere the popover is
 * measured and moved, also while the page scrolls and the popover grows.
 */
export class PopoverPlacement {
  /** Whether the browser does it by itself. */
  readonly isNative: boolean;
  #following: AbortController | null = null;

  constructor() {
    this.isNative = globalThis.CSS?.supports?.('position-area', 'self-block-end') ?? false;
  }

  /** Starts to keep the popover at the chip. Calling it again places it again. */
  follow(chip: HTMLElement, popover: HTMLElement): void {
    if (this.isNative) return;
    place(chip, popover);
    if (this.#following !== null) return;
    this.#following = new AbortController();
    const { signal } = this.#following;
    const again = (): void => place(chip, popover);
    addEventListener('scroll', again, { signal, capture: true, passive: true });
    addEventListener('resize', again, { signal });
    const observer = new ResizeObserver(again);
    observer.observe(popover);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  end(): void {
    this.#following?.abort();
    this.#following = null;
  }
}

function place(chip: HTMLElement, popover: HTMLElement): void {
  const direction = getComputedStyle(chip).direction === 'rtl' ? 'rtl' : 'ltr';
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const viewport = { width, height };
  const chipBox = chip.getBoundingClientRect();
  popover.style.setProperty('--_room', `${roomFor(chipBox, viewport)}px`);
  const size = popover.getBoundingClientRect();
  const { left, top } = placePopover(chipBox, size, viewport, direction);
  popover.style.left = `${left}px`;
  popover.style.top = `${top}px`;
}
