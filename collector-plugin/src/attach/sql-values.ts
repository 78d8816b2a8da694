import { RUN_ID_MAX_CHARACTERS } from '@failtrace/contract';
import { LABEL_MAX_BYTES } from '../extract/label.ts';
import { MAX_CLOCK_SKEW_MS } from '../extract/times.ts';
import { quoteText } from '../store/quote.ts';

/*
 * Rules of `extract/` and `store/`, said once more in SQL, as expressions. What SQL cannot say, or not in an
 * expression that an insert can pay for, stands in docs/decisions/0019-views-over-the-exporter.md.
 */

/** The bytes of an id that is not there. */
export const noId = (bytes: number) => `unhex('${'00'.repeat(bytes)}')`;

/** Whether hex is an id of so many bytes. */
export const isIdSql = (hex: string, bytes: number) =>
  `(match(${hex}, '^[0-9a-fA-F]{${bytes * 2}}$') AND ${hex} != '${'00'.repeat(bytes)}')`;

/** No time that is kept is later, in nanoseconds. */
const latestSql = `(toUnixTimestamp64Nano(now64(9)) + ${MAX_CLOCK_SKEW_MS}000000)`;

/**
 * A time as it is kept, of nanoseconds: not later, and not before 1970, where the second of a key would overflow: and
 * with it the insert of the exporter would fail.
 */
export const timeSql = (nanoseconds: string) => `greatest(0, least(${nanoseconds}, ${latestSql}))`;

/** As `asLabel`. */
export const labelSql = (text: string) =>
  `if(isValidUTF8(${text}) AND length(${text}) <= ${LABEL_MAX_BYTES}, ${text}, toValidUTF8(substring(${text}, 1, ${LABEL_MAX_BYTES})))`;

/** The first of these attributes that is set, if it can be a run id; else ''. */
export function runIdSql(attributes: string, names: readonly string[]): string {
  const values = names.map((name) => `${attributes}[${quoteText(name)}]`).join(', ');
  return `arrayFirst(id -> isValidUTF8(id) AND lengthUTF8(id) <= ${RUN_ID_MAX_CHARACTERS}
    AND NOT match(id, '\\\\p{Cc}') AND id NOT IN ('.', '..'), [arrayFirst(value -> value != '', [${values}])])`;
}

/** As `TemplateForm` writes the form of a template without holes: its length, as a varint. */
export function formSql(text: string): string {
  const length = `length(${text})`;
  const byte = (place: number, more: boolean) =>
    `bitAnd(bitShiftRight(${length}, ${place * 7}), 127)${more ? ' + 128' : ''}`;
  const ofBytes = (count: number) =>
    `char(${Array.from({ length: count }, (_, place) => byte(place, place < count - 1)).join(', ')})`;
  const cases = [1, 2, 3, 4].map((count) => `${length} < ${2 ** (7 * count)}, ${ofBytes(count)}`);
  return `multiIf(${text} = '', '', ${cases.join(', ')}, ${ofBytes(5)})`;
}

/** As `textHash`, of two bytes of kinship. */
export const textNameSql = (text: string, kinship: string) =>
  `concat(${kinship}, substring(SHA256(${text}), 3, 14))`;

/** Which lines of a stack are frames: those of `frame-lines.ts` that stay as they are. */
const FRAME = String.raw`^[ \t|]+(at |from |@ )|^[ \t|]*(\.\.\. |File ")|^[ \t|]/`;

const INDENT = String.raw`^[ \t|]*`;
const PYTHON_FRAME = String.raw`^[ \t|]*File "`;

/** As `kinshipOf`: two bytes of the innermost frame. */
export function kinshipSql(text: string): string {
  const lines = `splitByChar('\\n', ${text})`;
  const matches = (line: string, pattern: string) => `match(${line}, ${quoteText(pattern)})`;
  const indentOf = (line: string) => `length(extract(${line}, ${quoteText(INDENT)}))`;
  // Below its frame Python quotes the line of the source, indented further.
  const isFrame = `${matches('line', FRAME)} OR ${matches('before', PYTHON_FRAME)} AND ${indentOf('line')} > ${indentOf('before')}`;
  const frames = `arrayFilter((line, before) -> ${isFrame}, ${lines}, arrayPopBack(arrayPushFront(${lines}, '')))`;
  const isLast = `position(substring(${text}, 1, 128), '(most recent call last)') > 0`;
  return shortHashSql(`${frames}[if(${isLast}, -1, 1)]`);
}

/** FNV-1a of the first 128 bytes, folded to two. */
function shortHashSql(line: string): string {
  const bytes = `arrayMap(place -> bitAnd(ascii(substring(${line}, place, 1)), 255), range(1, least(length(${line}), 128) + 1))`;
  const hash = `arrayFold((hash, byte) -> bitAnd(bitXor(hash, toUInt64(byte)) * 16777619, 4294967295), ${bytes}, toUInt64(2166136261))`;
  const folded = 'bitXor(bitShiftRight(h, 16), h)';
  return `arrayMap(h -> char(bitAnd(bitShiftRight(${folded}, 8), 255), bitAnd(${folded}, 255)), [${hash}])[1]`;
}

/** As `isCutUpstream`. */
export function cutUpstreamSql(text: string): string {
  const tail = `substring(${text}, greatest(1, length(${text}) - 511))`;
  const line = `splitByChar('\\n', ${tail})[-1]`;
  const begins = (pattern: string) => `match(${line}, ${quoteText(pattern)})`;
  return `(length(${text}) = 2048 OR (position(${tail}, '\\n') > 0 AND (
    ${begins(String.raw`^\s+at( .*)?$`)} AND NOT ${begins(String.raw`^\s+at .*([:)\d\]}>{]|native|unknown|:0x[\da-f]+)\s*$`)}
    OR ${begins(String.raw`^\s+\.\.\.`)} AND NOT ${begins(String.raw`^\s+\.\.\. \d+ (more|common frames omitted)\s*$`)}
    OR ${begins(String.raw`^\s+File "`)})))`;
}

/** As `storedStack` says `headless`. */
export const headlessSql = (text: string, message: string, type: string) =>
  `(${text} != '' AND position(${text}, if(${message} != '', ${message}, extract(${type}, ${quoteText(String.raw`[^.:*/\\$]*$`)}))) = 0)`;

/** As `isNamedBy`. */
export const isNamedSql = (status: string, message: string) =>
  `(${status} != '' AND ${message} != '' AND if(length(${message}) < 4, ${status} = ${message}, position(substring(${status}, 1, 4096), substring(${message}, 1, 250)) > 0))`;
