import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runtimeStacks, type Varying } from '../../testing/runtime-stacks.ts';
import { cutStackText } from './cut-stack-text.ts';
import { filledForm } from './template-form.ts';

/** What a reader gets. */
interface Stored {
  kinship: number;
  template: Buffer;
  templateForm: Buffer;
  cuts: Buffer[];
}

function stored(text: Buffer, message: Buffer): Stored {
  const { template, form: templateForm, cuts, kinship } = cutStackText(text, message);
  const { bytes, bounds } = cuts;
  const from = bounds.filter((_, index) => index % 2 === 0);
  return {
    kinship,
    template,
    templateForm,
    cuts: from.map((at, index) => bytes.subarray(at, bounds[index * 2 + 1])),
  };
}

/** What a reader does, here in the simplest way; `show` may change what goes into the holes. */
function putBack(
  { template, ...rest }: Omit<Stored, 'kinship'>,
  message: Buffer,
  show = (content: Uint8Array | undefined): Uint8Array => content ?? message,
): Buffer {
  const pieces: Uint8Array[] = [];
  const { templateBytes, holes } = filledForm({ ...rest, message });
  expect(templateBytes).toBe(template.length);
  let at = 0;
  for (const { offset, content } of holes) {
    pieces.push(template.subarray(at, offset), show(content));
    at = offset;
  }
  return Buffer.concat([...pieces, template.subarray(at)]);
}

/** Cuts, and sees to it that all comes back. */
function cut(text: string | Buffer, message: string | Buffer = ''): Stored {
  const bytes = [Buffer.from(text), Buffer.from(message)] as const;
  const result = stored(...bytes);
  expect(putBack(result, bytes[1]).equals(bytes[0])).toBe(true);
  return result;
}

/** The text with the message as `<>` and each value as `[…]`, as far as it was cut. */
function marked(text: string, message = ''): string {
  const show = (content: Uint8Array | undefined) =>
    Buffer.from(content ? `[${Buffer.from(content).toString()}]` : '<>');
  return putBack(cut(text, message), Buffer.from(message), show).toString();
}

const holesOf = (form: Pick<Stored, 'templateForm' | 'cuts'>, message = '') =>
  filledForm({ ...form, message: Buffer.from(message) }).holes;

describe('the message', () => {
  it.each([
    ['at the top', 'Error: Order gone\n    at x', 'Order gone', 'Error: <>\n    at x'],
    [
      'at the end, as Python has it',
      'Traceback\nKeyError: gone',
      'gone',
      'Traceback\nKeyError: <>',
    ],
    ['again in a cause', 'A: gone\nCaused by: B: gone', 'gone', 'A: <>\nCaused by: B: <>'],
    ['as the whole text', 'gone', 'gone', '<>'],
    ['several times in a row', 'gonegone', 'gone', '<><>'],
    ['in a frame', 'E\n    at "gone" (x.js:1:2)', 'gone', 'E\n    at "<>" (x.js:1:2)'],
    [
      'over several lines',
      'E: a\n  at 7 b\n 9\n    at x:1',
      'a\n  at 7 b',
      'E: <>\n [9]\n    at x:1',
    ],
    ['overlapping itself', 'E: ababababab', 'abab', 'E: <><>ab'],
    ['nowhere', 'Error\n    at x', 'another', 'Error\n    at x'],
    ['but too short to be worth it', 'Error: no\n    at x', 'no', 'Error: no\n    at x'],
    ['empty', 'Error\n    at x', '', 'Error\n    at x'],
  ])('is cut out %s', (_, text, message, expected) => {
    expect(marked(text, message)).toBe(expected);
  });

  it('leaves its words to be cut out of other lines, but not out of frames', () => {
    const text =
      'E: no such user alice\nCaused by: alice: no row for palice\n    at alice (alice.js:1)';
    expect(marked(text, 'no such user alice')).toBe(
      'E: <>\nCaused by: [alice]: no row for palice\n    at alice (alice.js:1)',
    );
  });

  it('has its words in the row already, numbers too: they are not stored again', () => {
    const message = 'order 4711 of alice@example.org: lease 8f3a91bc';
    const text = `E: ${message}\nCaused by: no lease 8f3a91bc for alice (4711, 4712)`;
    const { cuts, ...rest } = cut(text, message);
    expect(cuts.map(String)).toEqual(['4712']);
    const fillers = holesOf({ cuts, ...rest }, message).map(({ content }) => content?.toString());
    expect(fillers).toEqual([undefined, 'lease', '8f3a91bc', 'alice', '4711', '4712']);
  });

  it('of many words is prose, whose words stand elsewhere by chance', () => {
    const prose = Array.from({ length: 17 }, (_, index) => `word${'abcdefghijklmnopq'[index]}`);
    expect(marked(`${prose.join(' ')}\nCaused by: worda`, prose.join(' '))).toBe(
      '<>\nCaused by: worda',
    );
  });
});

describe('on a line that is no frame', () => {
  it.each([
    ['a number', 'order 4711 of 12', 'order [4711] of [12]'],
    ['a decimal', '12.5 and 1,234.5e-7', '[12.5] and [1,234.5e-7]'],
    ['a number behind letters', 'order4711 v2', 'order[4711] v[2]'],
    ['a duration', 'after 250ms, 1.5s', 'after [250ms], [1.5s]'],
    ['an address', '<Order object at 0x7f03e5d31a90>', '<Order object at [0x7f03e5d31a90]>'],
    ['a hash', 'java.lang.Object@67b9d56d, c0ffee', 'java.lang.Object@[67b9d56d], [c0ffee]'],
    [
      'a UUID',
      'x=beefbeef-cafe-4bad-abad-deadbeefcafe.',
      'x=[beefbeef-cafe-4bad-abad-deadbeefcafe].',
    ],
    ['a moment', 'at 2026-11-24T23:53:19.465+01:00,', 'at [2026-11-24T23:53:19.465+01:00],'],
    ['a moment with a space', '2026-11-24 23:53:19Z', '[2026-11-24] [23:53:19Z]'],
    ['an IP address', 'connect 10.0.3.11:5432 failed', 'connect [10.0.3.11:5432] failed'],
    [
      'a prefixed id',
      'request req_8f3a91bc, cus_9s6XKzkNRiz8i3',
      'request req_[8f3a91bc], cus_[9s6XKzkNRiz8i3]',
    ],
    ['an id without a digit', 'token aXbYcZdWqR', 'token [aXbYcZdWqR]'],
    ['a thread', '"pool-3-thread-12" #31', '"pool-[3]-thread-[12]" #[31]'],
    ['a number in Chinese', '订单4711不存在', '订单[4711]不存在'],
    ['no name with a digit inside', 'io.Http2Exception', 'io.Http2Exception'],
    [
      'no line of a source file',
      'in /srv/a.php:12 and b.rs:3:5:',
      'in /srv/a.php:12 and b.rs:3:5:',
    ],
    ['a line of another file', 'bad row at orders.csv:4711', 'bad row at orders.csv:[4711]'],
    ['no offset in compiled code', 'main+0x1d', 'main+0x1d'],
  ])('finds %s', (_, text, expected) => {
    expect(marked(text)).toBe(expected);
  });
});

describe('the stack of a runtime', () => {
  const one: Varying = {
    order: 4711,
    address: '00007f6ef400',
    uuid: '550e8400-e29b-41d4-a716-446655440000',
    moment: '2026-11-24T23:53:19.465431823Z',
    id: '8f3a91bc77de4f01',
    customer: 'alice',
  };
  const other: Varying = {
    order: 1_000_042,
    address: 'ffff118bfab1',
    uuid: 'beefbeef-cafe-4bad-abad-deadbeefcafe',
    moment: '2026-12-01T00:00:00Z',
    id: 'cus9s6XKzkNRiz8i3',
    customer: 'Bartholomew',
  };

  it.each(Object.entries(runtimeStacks))('%s: shares a template', (_, stack) => {
    const [a, b] = [stack(one), stack(other)].map(({ text, message }) => cut(text, message));
    expect(b?.template.toString()).toBe(a?.template.toString());
    expect(b?.kinship).toBe(a?.kinship);
    expect(b?.templateForm).toEqual(a?.templateForm);
  });

  it.each(Object.entries(runtimeStacks))('%s: keeps its frames', (_, stack) => {
    const { text, message, frames } = stack(one);
    const template = cut(text, message).template.toString();
    for (const frame of frames) expect(template).toContain(frame);
  });
});

describe('kinship', () => {
  const stack = (cause: string, frame: string) =>
    cutStackText(
      Buffer.from(`E: gone\n    at ${frame} (x.js:1:1)\nCaused by: ${cause}\n    at y (y.js:2:2)`),
      Buffer.from('gone'),
    );

  it('is the same for texts from one place, whose templates differ', () => {
    const [a, b] = [stack('the socket closed', 'x'), stack('nobody answered', 'x')];
    expect(a.template).not.toEqual(b.template);
    expect(a.kinship).toBe(b.kinship);
  });

  it('is that of the innermost frame, first or last, whatever frames are added on the way', () => {
    const python = (outer: string) =>
      cutStackText(
        Buffer.from(
          `Traceback (most recent call last):\n${outer}  File "/srv/stock.py", line 5, in reserve\n    raise Gone()\nGone: gone\n`,
        ),
        Buffer.from('gone'),
      ).kinship;
    expect(python('  File "/srv/shop.py", line 1, in place\n    reserve()\n')).toBe(python(''));
    const node = (outer: string) =>
      cutStackText(
        Buffer.from(`E: gone\n    at reserve (x.js:1:1)\n    at ${outer} (y.js:1:1)`),
        Buffer.from('gone'),
      ).kinship;
    expect(node('place')).toBe(node('run'));
  });

  it('is another one for texts from other places', () => {
    const places = Array.from({ length: 50 }, (_, place) => stack('gone', `place${place}`).kinship);
    expect(new Set(places).size).toBeGreaterThan(45);
  });
});

describe('what is cut', () => {
  it('is bounded in number, by the length of the text too', () => {
    expect(holesOf(cut('1 '.repeat(10_000)))).toHaveLength(128);
    expect(holesOf(cut('1 '.repeat(64)))).toHaveLength(12);
    expect(holesOf(cut('boom\n'.repeat(10_000), 'boom'))).toHaveLength(128);
  });

  it('is bounded in bytes, and leaves room for what is short', () => {
    const { cuts } = cut(`${'7'.repeat(5_000)} ${'8'.repeat(2_000)} ${'9'.repeat(100)} 42`);
    expect(cuts.map(({ length }) => length)).toEqual([2_000, 2]);
  });

  it('is the message alone beyond so many lines and bytes', () => {
    const long = cut(`${'x\n'.repeat(20_000)}4711 boom`, 'boom');
    expect([long.cuts, holesOf(long).length]).toEqual([[], 1]);
    const wide = cut(`${'x'.repeat(1_100_000)} 4711 boom`, 'boom');
    expect([wide.cuts, holesOf(wide).length]).toEqual([[], 1]);
  });

  it('may stand next to another one', () => {
    expect(marked('\tat 0x7f03e5d31a9 0x7f03e5d31a90x7f03e5d31a90')).toBe(
      '\tat [0x7f03e5d31a9] [0x7f03e5d31a90]x7f03e5d31a90',
    );
  });

  const hostile: Array<[string, string, string]> = [
    ['digits', '7'.repeat(20_000_000), ''],
    ['line feeds', '\n'.repeat(20_000_000), ''],
    ['spaces', ' '.repeat(20_000_000), ''],
    ['the message', 'boom\n'.repeat(4_000_000), 'boom'],
    ['the beginning of the message', 'boom'.repeat(5_000_000), `${'boom'.repeat(1_000)}!`],
    ['addresses', `\tat ${'0x'.repeat(10_000_000)}`, ''],
    ['beginnings of frames', '\tat 0x00007f00\n#1 (\n'.repeat(1_000_000), ''],
  ];

  it.each(hostile)('comes back from 20 MB of %s', (_, text, message) => {
    const { template } = cut(text, message);
    expect(template.length).toBeLessThanOrEqual(text.length);
  });
});

describe('any text', () => {
  const bytes = fc.uint8Array({ maxLength: 12 });
  const marks = ['\n', '\r\n', '\t', '\0', 'é', '|', '-', '.', ': ', '(', '0', '0x', 'Caused by: '];
  const frames = [
    '    at ',
    'File "',
    '#1 ',
    '  (',
    '... ',
    '\t/',
    '  12: ',
    '+0x1d',
    '.rb:12',
    ':12:5',
  ];
  const uuid = '550e8400-e29b-41d4-a716-446655440000';
  const values = ['0x7f03e5d31a90', '4711', 'a1b2', uuid, uuid.slice(0, 14), 'aXbYcZdWqR', 'boom'];
  const token = fc.constantFrom(...marks, ...frames, ...values);

  it('comes back, whatever its message', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: token }, bytes, fc.constant(null)), {
          maxLength: 60,
        }),
        fc.oneof(
          bytes,
          fc.array(token, { maxLength: 4 }).map((parts) => parts.join('')),
        ),
        (parts, message) => {
          const whole = Buffer.concat(parts.map((part) => Buffer.from(part ?? message)));
          const result = stored(whole, Buffer.from(message));
          expect(putBack(result, Buffer.from(message))).toEqual(whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('has holes that ascend and lie in the template', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (parts) => {
        const result = cut(parts.join(''), 'boom');
        const offsets = holesOf(result, 'boom').map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(offsets.at(-1) ?? 0).toBeLessThanOrEqual(result.template.length);
      }),
    );
  });
});
