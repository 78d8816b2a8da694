import {
  byteOf,
  keyEnd,
  malformedJson,
  missing,
  scalarEnd,
  spaceEnd,
  stringEnd,
} from './json-grammar.ts';

/** How deep arrays and objects may nest. OTLP itself needs about ten levels. */
export const MAX_DEPTH = 100;

/** Arrays and objects may nest no deeper. */
export function tooDeep(position: number): Error {
  return malformedJson(`its values nest deeper than ${MAX_DEPTH} levels`, position);
}

/**
 * Where the value at a position ends, whatever it is. A loop and not a recursion, or a body of brackets
 * would overflow the stack; all in one function, since a hostile body is all brackets: 7 million empty
 * objects, each of which may cost some nanoseconds.
 *
 * @param depth How many arrays and objects are open around the value.
 * @param isObject Room to note for each level whether it is an object, 1, or an array, 0.
 */
export function valueEnd(
  bytes: Buffer,
  start: number,
  depth: number,
  isObject: Uint8Array,
): number {
  let pos = start;
  let level = depth;
  for (;;) {
    let byte = bytes[pos] as number;
    if (!(byte > byteOf.space)) {
      pos = spaceEnd(bytes, pos);
      byte = bytes[pos] as number;
    }
    if (byte === byteOf.quote) {
      pos = stringEnd(bytes, pos + 1);
    } else if (byte === byteOf.openObject || byte === byteOf.openArray) {
      const opening = byte;
      if (level === MAX_DEPTH) throw tooDeep(pos);
      pos += 1;
      if (!((bytes[pos] as number) > byteOf.space)) pos = spaceEnd(bytes, pos);
      // A closing sign is two more than the opening one.
      if (bytes[pos] === opening + 2) {
        pos += 1;
      } else {
        level += 1;
        isObject[level] = opening === byteOf.openObject ? 1 : 0;
        if (opening === byteOf.openObject) pos = keyEnd(bytes, pos);
        continue;
      }
    } else {
      pos = scalarEnd(bytes, pos);
    }
    // A value has ended, and with it may end any number of those around it.
    for (;;) {
      if (level === depth) return pos;
      byte = bytes[pos] as number;
      if (!(byte > byteOf.space)) {
        pos = spaceEnd(bytes, pos);
        byte = bytes[pos] as number;
      }
      const inObject = isObject[level] === 1;
      pos += 1;
      if (byte === byteOf.comma) {
        if (inObject) pos = keyEnd(bytes, pos);
        break;
      }
      if (byte !== (inObject ? byteOf.closeObject : byteOf.closeArray)) {
        throw missing(bytes, pos - 1, inObject ? '"," or "}"' : '"," or "]"');
      }
      level -= 1;
    }
  }
}
