import { create } from 'content-disposition';

/**
 * The value of a `Content-Disposition` header (RFC 6266) that saves a body under a name. A name
 * beyond ASCII goes into `filename*` (RFC 8187), with an ASCII likeness for clients that do not know
 * it: underscores, where the library would put question marks, which no Windows file name may have.
 */
export function attachment(name: string): string {
  const wellFormed = name.toWellFormed();
  const header = create(wellFormed, {
    fallback: wellFormed.replace(/[^\x20-\x7e]|["\\]/gu, '_'),
  });
  // The library leaves the quotes out where RFC 6266 allows it, but scripts look for them.
  return header.replace(/filename=([^";]+)/, 'filename="$1"');
}
