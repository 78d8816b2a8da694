/** What a trace text is saved under: the run's id, and its namespace where that is to be told apart. */
export interface RunName {
  readonly runId: string;
  /** '' or left out: the name has the id alone. */
  readonly namespace?: string | undefined;
}

const ENDING = '_trace.txt';

/** Most file systems take 255 bytes for a name; some sync programs take fewer. */
const MAX_BYTES = 200;

// Path separators, what Windows reserves, and what could break a header or a terminal.
const HARMFUL = /[<>:"/\\|?*%;\p{C}\p{Zl}\p{Zp}]/gu;
const NOT_PORTABLE = /[^A-Za-z0-9._-]/gu;

/** Names that Windows takes for a device, whatever ending they have. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/i;

/**
 * The name that a trace text has by itself: `{run_id}_trace.txt`, or `{namespace}_{run_id}_trace.txt`,
 * with an underscore for every character that a file name should not have. At most 200 bytes.
 */
export function traceFilename({ runId, namespace = '' }: RunName): string {
  return withEnding(joined(namespace, runId, HARMFUL));
}

/**
 * The name that the chip asks for by `?filename=`: `run_<id>_trace.txt`, without a second `run_` where
 * the id starts with one, and the namespace in front where one is given. Letters and digits of ASCII,
 * `.`, `_` and `-` alone, so it is the same on every system: {@link isSafeFilename} holds for it.
 */
export function chipTraceFilename({ runId, namespace = '' }: RunName): string {
  const named = runId.startsWith('run_') ? runId : `run_${runId}`;
  return withEnding(joined(namespace, named, NOT_PORTABLE));
}

/** What `?filename=` takes, in words for whoever sent something else. */
export const SAFE_FILENAME_RULE =
  'must be letters, digits and ._- only, not start with a dot, end in .txt or .log, be no device name, ≤ 200';

/** Whether a base name is safe to save a text under on every system: what `?filename=` takes. */
export function isSafeFilename(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,195}\.(?:txt|log)$/.test(name) && !DEVICE.test(name);
}

function joined(namespace: string, id: string, unwanted: RegExp): string {
  return [namespace, id]
    .filter((part) => part !== '')
    .map((part) => part.toWellFormed().replace(unwanted, '_'))
    .join('_')
    .replace(/^[.\s]+/, (dots) => '_'.repeat(dots.length));
}

/** Cuts between characters, never through one. */
function withEnding(name: string): string {
  const encoder = new TextEncoder();
  let bytes = ENDING.length;
  let kept = '';
  for (const character of name) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_BYTES) break;
    kept += character;
  }
  return kept + ENDING;
}
