import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRowBinaryCursor } from './row-binary-cursor.ts';

describe('createRowBinaryCursor', () => {
  it('reads each type as ClickHouse writes it', () => {
    const cursor = createRowBinaryCursor(
      Buffer.from(
        [
          '01', // Bool
          '03612f62', // String
          'ac02' + '78'.repeat(300), // String of 300 bytes
          'deadbeef', // FixedString(4)
          '00000000', // FixedString(4) of zeros
          '0a00000000000000', // UInt64
          'feffffffffffffff', // Int64
          '78563412', // UInt32
          '0207' + '00'.repeat(7) + '09' + '00'.repeat(7), // Array(UInt64)
        ].join(''),
        'hex',
      ),
    );
    expect(cursor.uint8()).toBe(1);
    expect(cursor.string()).toBe('a/b');
    expect(cursor.bytes()).toEqual(Buffer.from('x'.repeat(300)));
    expect(cursor.fixedHex(4)).toBe('deadbeef');
    expect(cursor.fixedHex(4)).toBe('');
    expect(cursor.uint64()).toBe(10);
    expect(cursor.int64()).toBe(-2n);
    expect(cursor.uint32()).toBe(0x12345678);
    expect(cursor.done()).toBe(false);
    expect(cursor.array(() => cursor.uint64())).toEqual([7, 9]);
    expect(cursor.done()).toBe(true);
  });

  it.each([
    ['a number', 'ff', (hex: string) => createRowBinaryCursor(Buffer.from(hex, 'hex')).int64()],
    ['a length', 'ff', (hex: string) => createRowBinaryCursor(Buffer.from(hex, 'hex')).string()],
    ['a string', '0561', (hex: string) => createRowBinaryCursor(Buffer.from(hex, 'hex')).string()],
    [
      'endless length',
      'ff'.repeat(20),
      (hex: string) => createRowBinaryCursor(Buffer.from(hex, 'hex')).bytes(),
    ],
  ])('refuses bytes that end within %s', (_, hex, read) => {
    expect(() => read(hex)).toThrow(RangeError);
  });

  it('throws nothing but RangeErrors at garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const cursor = createRowBinaryCursor(Buffer.from(bytes));
        try {
          while (!cursor.done()) {
            cursor.bytes();
            cursor.uint64();
            cursor.array(() => cursor.fixedHex(2));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
