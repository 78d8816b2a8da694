import { readFileSync, writeFileSync } from 'node:fs';

/** The parts of docs/reliability.md that are measured. */
export type Section = 'faults' | 'kills';

const page = new URL('../../docs/reliability.md', import.meta.url);

/** Puts what was measured into the page, between the marks of its section. @throws when these are lost */
export function writePage(section: Section, measured: string): void {
  const [begin, end] = ['begin', 'end'].map((edge) => `<!-- ${section}: ${edge} -->`) as [
    string,
    string,
  ];
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/reliability.md has lost its mark ${begin}`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n${measured}\n${text.slice(to)}`);
}
