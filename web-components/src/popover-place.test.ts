import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placePopover, roomFor } from './popover-place.ts';

const viewport = { width: 1000, height: 800 };
const popover = { width: 400, height: 300 };

describe('placePopover', () => {
  it('is under the chip, along its start', () => {
    const chip = { left: 100, top: 100, width: 200, height: 24 };
    expect(placePopover(chip, popover, viewport, 'ltr')).toEqual({ left: 100, top: 128 });
  });

  it('is above where there is no room under', () => {
    const chip = { left: 100, top: 700, width: 200, height: 24 };
    expect(placePopover(chip, popover, viewport, 'ltr').top).toBe(396);
  });

  it('has the room of that side, or of the window where that is next to nothing', () => {
    const chip = { left: 100, top: 100, width: 200, height: 24 };
    expect(roomFor(chip, viewport)).toBe(664);
    expect(roomFor({ ...chip, top: 700 }, viewport)).toBe(688);
    expect(roomFor(chip, { width: 320, height: 256 })).toBe(120);
    expect(roomFor({ ...chip, top: 110 }, { width: 320, height: 256 })).toBe(240);
  });

  it('is along the end of a chip at the end of the line', () => {
    const chip = { left: 780, top: 100, width: 200, height: 24 };
    expect(placePopover(chip, popover, viewport, 'ltr').left).toBe(580);
  });

  it('starts at the right in right-to-left text', () => {
    const chip = { left: 780, top: 100, width: 200, height: 24 };
    expect(placePopover(chip, popover, viewport, 'rtl').left).toBe(580);
    expect(placePopover({ ...chip, left: 20 }, popover, viewport, 'rtl').left).toBe(20);
  });

  it('never leaves a viewport that can hold it', () => {
    const side = fc.integer({ min: -500, max: 1500 });
    const length = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(side, side, length, fc.constantFrom('ltr', 'rtl'), (left, top, width, way) => {
        const at = placePopover({ left, top, width, height: 24 }, popover, viewport, way);
        expect(at.left).toBeGreaterThanOrEqual(8);
        expect(at.top).toBeGreaterThanOrEqual(8);
        expect(at.left + popover.width).toBeLessThanOrEqual(viewport.width - 8);
        expect(at.top + popover.height).toBeLessThanOrEqual(viewport.height - 8);
      }),
    );
  });
});
