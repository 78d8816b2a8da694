import { describe, expect, it } from 'vitest';
import { runtimeStacks, type Varying } from '../../testing/runtime-stacks.ts';
import { isCutUpstream } from './upstream-cut.ts';

const varying: Varying = {
  order: 4711,
  address: '7f3b2c1d0e4f',
  uuid: '0b4b9c3e-8d3f-4c56-9a1e-2f6f0e1d2c3b',
  moment: '2026-11-24T10:00:00.123Z',
  id: 'a1B2c3',
  customer: 'ACME',
};

describe('isCutUpstream', () => {
  it.each(Object.entries(runtimeStacks))('takes what %s writes for whole', (_, stack) => {
    const { text } = stack(varying);
    expect(isCutUpstream(Buffer.from(text))).toBe(false);
    expect(isCutUpstream(Buffer.from(text.trimEnd()))).toBe(false);
  });

  it.each([
    ['Node, in a path', 'Error: boom\n    at place (file:///srv/sh'],
    ['Node, in the word', 'Error: boom\n    at place (file:///srv/shop.js:1:2)\n    at'],
    ['Java, in a frame', 'com.shop.E: boom\n\tat com.shop.Orders.place(Orders.ja'],
    ['Java, in what is left out', 'com.shop.E: boom\n\tat a.b(C.java:1)\n\t... 1'],
    ['Python, behind a frame', 'Traceback (most recent call last):\n  File "/srv/shop.py", line 8'],
    ['anything, at 2,048 bytes', 'x'.repeat(2_048)],
  ])('sees a text that was cut: %s', (_, text) => {
    expect(isCutUpstream(Buffer.from(text))).toBe(true);
  });

  it.each([
    '',
    'boom',
    '\n',
    '    at',
    'Error: look\n    at the bright side of life (always)',
    'RuntimeError: unreachable\n    at wasm://wasm/7b04570e:wasm-function[319]:0x26caf',
  ])('takes %j for whole', (text) => {
    expect(isCutUpstream(Buffer.from(text))).toBe(false);
  });
});
