/**
 * The value of a `Content-Disposition` header (RFC 6266). A name beyond ASCII goes into
 * `filename*` (RFC 8187), with an ASCII likeness for clients that do not know it.
 *
 * @param name has no quotes, backslashes and control characters
 */
export function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\]/g, '_');
  const extended = ascii === name ? '' : `; filename*=UTF-8''${percentEncoded(name)}`;
  return `attachment; filename="${ascii}"${extended}`;
}

/** Beyond `encodeURIComponent`, RFC 8187 wants these encoded as well. */
function percentEncoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
