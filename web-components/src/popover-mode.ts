/** A preview goes with the pointer or the focus that brought it; a pinned popover stays. */
export type PopoverMode = 'closed' | 'preview' | 'pinned';

export type PopoverEvent =
  /** The pointer rested on the chip, or the keyboard focus did. */
  | 'rest'
  /** The pointer left the chip and its popover. */
  | 'leave'
  /** The chip was clicked, tapped, or pressed by key. */
  | 'press'
  /** Something inside the popover was pressed or focused. */
  | 'engage'
  /** The focus went to another element of the page. */
  | 'blur'
  | 'escape'
  /** Something outside was pressed. */
  | 'outside'
  /** Another chip opened: as a preview, or pinned. */
  | 'other-preview'
  | 'other-pinned';

const transitions: Record<PopoverMode, Partial<Record<PopoverEvent, PopoverMode>>> = {
  closed: { rest: 'preview', press: 'pinned' },
  preview: {
    leave: 'closed',
    press: 'pinned',
    engage: 'pinned',
    blur: 'closed',
    escape: 'closed',
    outside: 'closed',
    'other-preview': 'closed',
    'other-pinned': 'closed',
  },
  pinned: {
    press: 'closed',
    blur: 'closed',
    escape: 'closed',
    outside: 'closed',
    'other-pinned': 'closed',
  },
};

/** What the popover does next. An event that means nothing in a mode leaves it as it is. */
export function nextMode(mode: PopoverMode, event: PopoverEvent): PopoverMode {
  return transitions[mode][event] ?? mode;
}
