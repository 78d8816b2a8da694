import type { AttributeNames } from './attribute-names.ts';
import type { DecodeOptions } from './decode-options.ts';
import { Intake } from './intake.ts';
import { JsonAttribute } from './json-attribute.ts';
import { JsonCursor } from './json-cursor.ts';

/** What the functions that walk over one request share: made once for each request. */
export interface JsonWalk<Item> {
  readonly cursor: JsonCursor;
  /** The attribute that was read last. */
  readonly attribute: JsonAttribute;
  /** Where the fields of the item stand that was passed over last, by their rank; -1 for none. */
  readonly fieldsAt: Int32Array;
  readonly runIdNames: AttributeNames;
  readonly intake: Intake<Item>;
}

/** Begins a walk at the first byte of a body whose items have so many fields that are looked for. */
export function jsonWalk<Item>(
  body: Buffer,
  { runIdNames, limits }: Pick<DecodeOptions, 'runIdNames' | 'limits'>,
  fields: number,
): JsonWalk<Item> {
  const cursor = new JsonCursor(body);
  return {
    cursor,
    attribute: new JsonAttribute(cursor),
    fieldsAt: new Int32Array(fields),
    runIdNames,
    intake: new Intake(limits),
  };
}

/** Goes to a field of the item that was passed over last, and tells whether it has it. */
export function goTo({ cursor, fieldsAt }: JsonWalk<unknown>, rank: number): boolean {
  cursor.pos = fieldsAt[rank] ?? -1;
  return cursor.pos >= 0;
}
