import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleString, visibleText } from './visible-text.ts';

describe('visibleText', () => {
  it('leaves ordinary text as one piece', () => {
    const text = 'Order 4711 not found:\n\tpéché, заказ, 注文, طلب, <b>&amp;';
    expect(visibleText(text)).toEqual([{ text }]);
  });

  it('shows a right-to-left override as what it is', () => {
    expect(visibleText('invoice\u202Efdp.exe')).toEqual([
      { text: 'invoice' },
      { mark: 'RLO', name: 'U+202E RLO' },
      { text: 'fdp.exe' },
    ]);
  });

  it.each([
    ['\u0000', '[NUL]'],
    ['\u001b[31m', '[ESC][31m'],
    ['a\rb', 'a[CR]b'],
    ['a\r\nb', 'a\nb'],
    ['\u0085', '[U+0085]'],
    ['a\u200bb', 'a[ZWSP]b'],
    ['\ufeffa', '[BOM]a'],
    ['\u2066a\u2069', '[LRI]a[PDI]'],
    ['\u061c', '[U+061C]'],
    ['\u00ad', '[U+00AD]'],
    ['\u3164', '[U+3164]'],
    ['\u2028', '[U+2028]'],
    ['\u{e0041}', '[U+E0041]'],
    ['\u{e0101}', '[U+E0101]'],
    ['\ud800x', '[U+D800]x'],
    ['pass\u200dword', 'pass[U+200D]word'],
    ['a\ufe0fb', 'a[U+FE0F]b'],
    ['❤\ufe0f\ufe0f', '❤\ufe0f[U+FE0F]'],
  ])('writes %j as %j', (text, shown) => {
    expect(visibleString(text)).toBe(shown);
  });

  it.each([
    '👩\u200d💻',
    '❤\ufe0f',
    '1\ufe0f\u20e3',
    '👍🏽',
    '🏳\ufe0f\u200d🌈',
    'می\u200cخواهم',
    'क्\u200dष',
  ])('leaves %s in its shape', (text) => {
    expect(visibleString(text)).toBe(text);
  });

  it('makes no more than 1,000 marks, and loses none beyond', () => {
    const segments = visibleText('\u202e'.repeat(1_500));
    expect(segments.filter((segment) => 'mark' in segment)).toHaveLength(1_000);
    expect(segments.at(-1)).toEqual({ text: '[RLO]'.repeat(500) });
  });

  it('keeps every visible character, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const kept = visibleText(text)
          .map((segment) => ('text' in segment ? segment.text : ''))
          .join('');
        const visible = /[\p{L}\p{N}\p{P}\p{S}]/gu;
        expect(kept.match(visible)).toEqual(
          text.replace(/\u3164|\uffa0|\u115f|\u1160/g, '').match(visible),
        );
      }),
    );
  });

  it('leaves nothing that changes the direction of the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleString(text)).not.toMatch(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});
