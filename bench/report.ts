import { readFileSync, writeFileSync } from 'node:fs';

/** One line of the table: a figure beside its baseline, and what it must reach. */
export interface Row {
  what: string;
  failtrace: string;
  baseline: string;
  result: string;
  target: string;
  /** Null where there is no target. */
  reached: boolean | null;
}

const BEGIN = '<!-- measured: begin -->';
const END = '<!-- measured: end -->';

/** The rows as a Markdown table. */
export function asTable(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, failtrace, baseline, result, target, reached }) =>
      `| ${what} | ${failtrace} | ${baseline} | **${result}** | ${target} | ${reached === null ? '' : reached ? 'yes' : 'no'} |`,
  );
  return [
    '| what | failtrace | baseline | result | target | reached |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** Tells a row on stderr at once, since a long bench may end before its table. Gives it back. */
export function tellRow(row: Row): Row {
  console.error(`  ${row.what}: ${row.result} (${row.failtrace} / ${row.baseline})`);
  return row;
}

/** Puts the measured part into the README, between its two marks. */
export function writeReadme(file: URL, measured: string): void {
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${file.pathname} has lost its marks`);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n${measured}\n${text.slice(end)}`);
}
