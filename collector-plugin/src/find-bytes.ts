/**
 * V8 looks for up to 250 bytes in linear time. Of more it takes the product of both lengths where a text nearly
 * matches everywhere: 30 s for 80 KB in 400 KB.
 */
const LONGEST_SEARCHED = 250;
/** So many places that only begin alike are looked at. */
const MOST_TRIES = 16;

/**
 * Where some bytes begin in a text, or -1. Takes time linear in the length of the text, whatever is in it: a text
 * that was made to be slow may hold them and they are not found.
 *
 * @param from the first offset that is looked at
 */
export function findBytes(text: Buffer, bytes: Buffer, from = 0): number {
  if (bytes.length <= LONGEST_SEARCHED) return text.indexOf(bytes, from);
  const beginning = bytes.subarray(0, LONGEST_SEARCHED);
  const last = text.length - bytes.length;
  let at = from - 1;
  for (let tries = 0; tries < MOST_TRIES && at < last; tries += 1) {
    at = text.indexOf(beginning, at + 1);
    if (at === -1 || at > last) return -1;
    if (text.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0) return at;
  }
  return -1;
}
