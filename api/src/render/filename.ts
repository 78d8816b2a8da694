/** A base name that is safe on every system: what `?filename=` takes. */
export const safeFilename = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

// Path separators, what Windows reserves, and what could break a header or a terminal.
const harmful = /[<>:"/\\|?*%;\p{C}\p{Zl}\p{Zp}]/gu;

const suffix = '_trace.txt';

/** Most file systems take 255 bytes for a name. */
const maxIdBytes = 200;

/**
 * The name that a run's trace text is saved under: `{run_id}_trace.txt`, with an underscore for
 * every character of the id that a file name should not have.
 */
export function traceFilename(runId: string): string {
  const harmless = runId
    .replace(harmful, '_')
    .replace(/^[.\s]+/, (dots) => '_'.repeat(dots.length));
  return cutToBytes(harmless, maxIdBytes) + suffix;
}

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

/** Cuts between characters, never through one. */
function cutToBytes(text: string, limit: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    kept += character;
  }
  return kept;
}
