import type { HrTime } from '@opentelemetry/api';

const NOTHING = Buffer.alloc(0);

/**
 * The value of an attribute as the receiver's decoders give it: the bytes of a string, the digits of a whole
 * number, `true` or `false`; empty for anything else.
 */
export function textOf(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return Buffer.from(String(value));
  return NOTHING;
}

/** The value of the first of these attributes that is a string that is not empty, or a whole number. */
export function firstText(
  attributes: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Buffer {
  for (const name of names) {
    const value = attributes[name];
    if (typeof value !== 'boolean' && textOf(value).length > 0) return textOf(value);
  }
  return NOTHING;
}

/** The bytes of an id in hex; none of one that is not set. */
export function idOf(hex: string | undefined): Buffer {
  return hex === undefined ? NOTHING : Buffer.from(hex, 'hex');
}

/** Nanoseconds since the Unix epoch. */
export function nanosecondsOf([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.trunc(nanoseconds));
}
