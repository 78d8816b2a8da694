import { describe, expect, it } from 'vitest';
import { oneLine } from './one-line.ts';

describe('oneLine', () => {
  it.each([
    ['', ''],
    [' \n\t ', ''],
    ['  Order not found\n  at shop\r\n\tat till  ', 'Order not found at shop at till'],
  ])('makes %j into %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  it('finds what comes after much white space', () => {
    expect(oneLine(`${'\n'.repeat(2_000)}late`)).toBe('late');
  });

  it('shows that there is more after much white space', () => {
    expect(oneLine(`a${' '.repeat(2_000)}b`)).toBe('a…');
    expect(oneLine(`${'a '.repeat(280)}${' '.repeat(639)}😀`).isWellFormed()).toBe(true);
  });

  it('cuts at 300 characters and never inside one', () => {
    const line = oneLine('😀'.repeat(1_000));
    expect(Array.from(line)).toHaveLength(301);
    expect(line.endsWith('😀…')).toBe(true);
    expect(line.isWellFormed()).toBe(true);
  });
});
