import { byteOf } from './json-grammar.ts';
import { textOf } from './json-string.ts';

/** The member of an array or object that is being walked over: its index, or where its key stands. */
interface Step {
  index: number;
  keyStart: number;
  keyEnd: number;
}

/**
 * Says where in a JSON text the value at a position stands: `resourceSpans[0].scopeSpans`; empty for
 * the outermost value. It goes there once more from the first byte, so that a walk that meets no
 * error carries no paths. The text up to the position must have been found to be JSON.
 */
export function pathAt(bytes: Buffer, position: number): string {
  // One for each level, used again: before the error may stand millions of empty objects.
  const steps: Step[] = [];
  let depth = 0;
  let stringStart = 0;
  let stringEnd = 0;
  for (let at = 0; at < position; at += 1) {
    const step = steps[depth - 1];
    switch (bytes[at]) {
      case byteOf.openArray:
      case byteOf.openObject: {
        const inner = (steps[depth] ??= { index: 0, keyStart: 0, keyEnd: 0 });
        inner.index = bytes[at] === byteOf.openArray ? 0 : -1;
        depth += 1;
        break;
      }
      case byteOf.closeArray:
      case byteOf.closeObject:
        depth -= 1;
        break;
      case byteOf.quote:
        stringStart = at + 1;
        stringEnd = closingQuote(bytes, at);
        at = stringEnd;
        break;
      case byteOf.colon:
        if (step) {
          step.keyStart = stringStart;
          step.keyEnd = stringEnd;
        }
        break;
      case byteOf.comma:
        if (step && step.index >= 0) step.index += 1;
        break;
      default:
    }
  }
  return steps
    .slice(0, depth)
    .map(({ index, keyStart, keyEnd }) =>
      index >= 0 ? `[${index}]` : `.${textOf(bytes, keyStart, keyEnd, true).toString()}`,
    )
    .join('')
    .replace(/^\./, '');
}

function closingQuote(bytes: Buffer, openingQuote: number): number {
  let at = openingQuote + 1;
  while (at < bytes.length && bytes[at] !== byteOf.quote)
    at += bytes[at] === byteOf.backslash ? 2 : 1;
  return at;
}
