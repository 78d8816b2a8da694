export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const gap = 4;
const margin = 8;
/** With less room than this on either side the popover takes the window instead. */
const leastRoom = 120;

/**
 * How high the popover may be, in CSS pixels: what there is on the side of the chip with more room.
 */
export function roomFor(chip: Box, viewport: Size): number {
  const room = Math.max(roomAbove(chip), roomUnder(chip, viewport));
  return room < leastRoom ? viewport.height - 2 * margin : room;
}

/**
 * Where the popover goes, in CSS pixels of the viewport, for browsers without CSS anchor positioning.
 *
 * Under the chip, or above where there is more room. Along the chip's start edge, or its end edge
 * where it would leave the viewport. In any case within the viewport.
 */
export function placePopover(
  chip: Box,
  popover: Size,
  viewport: Size,
  direction: 'ltr' | 'rtl',
): { left: number; top: number } {
  const isUnder = roomUnder(chip, viewport) >= roomAbove(chip);
  const top = isUnder ? chip.top + chip.height + gap : chip.top - gap - popover.height;

  const along = { ltr: chip.left, rtl: chip.left + chip.width - popover.width };
  const other = direction === 'ltr' ? 'rtl' : 'ltr';
  const fits = (left: number): boolean =>
    left >= margin && left + popover.width <= viewport.width - margin;
  const left = !fits(along[direction]) && fits(along[other]) ? along[other] : along[direction];

  return {
    left: within(left, popover.width, viewport.width),
    top: within(top, popover.height, viewport.height),
  };
}

function roomAbove(chip: Box): number {
  return chip.top - gap - margin;
}

function roomUnder(chip: Box, viewport: Size): number {
  return viewport.height - chip.top - chip.height - gap - margin;
}

function within(start: number, length: number, room: number): number {
  return Math.max(margin, Math.min(start, room - margin - length));
}
