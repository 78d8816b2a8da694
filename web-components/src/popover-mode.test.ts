import { describe, expect, it } from 'vitest';
import { nextMode, type PopoverEvent, type PopoverMode } from './popover-mode.ts';

function after(...events: PopoverEvent[]): PopoverMode {
  return events.reduce(nextMode, 'closed');
}

describe('nextMode', () => {
  it.each<[PopoverEvent[], PopoverMode]>([
    [['rest'], 'preview'],
    [['rest', 'leave'], 'closed'],
    [['press'], 'pinned'],
    [['rest', 'press'], 'pinned'],
    [['rest', 'press', 'leave'], 'pinned'],
    [['press', 'press'], 'closed'],
    [['press', 'escape'], 'closed'],
    [['rest', 'escape'], 'closed'],
    [['press', 'outside'], 'closed'],
    [['press', 'blur'], 'closed'],
    [['rest', 'engage', 'leave'], 'pinned'],
    [['rest', 'other-preview'], 'closed'],
    [['press', 'other-preview'], 'pinned'],
    [['press', 'other-pinned'], 'closed'],
    [['leave', 'blur', 'escape', 'outside', 'engage', 'other-pinned'], 'closed'],
  ])('after %j it is %s', (events, mode) => {
    expect(after(...events)).toBe(mode);
  });
});
