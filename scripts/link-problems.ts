import { existsSync } from 'node:fs';
import path from 'node:path';

/** Code is text to read, and what looks like a link in it is none. */
const CODE = /^( *)(`{3,}|~{3,})[\s\S]*?^\1\2|(`+)[^`][\s\S]*?\3/gm;
/** `[text](target)`, `[text](<target> "title")` and `[name]: target`. */
const LINK = /\]\(\s*<?([^\s)>]+)|^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm;
/** Leads elsewhere: `https:`, `mailto:`, `//host`, or to a heading of the same file. */
const NOT_A_FILE = /^([a-z][a-z\d+.-]*:|\/\/|#)/i;

/**
 * Says which relative links of a Markdown file lead to nothing.
 *
 * @param file the path of the file
 * @returns one line for each link whose file or folder does not exist
 */
export function linkProblems(file: string, markdown: string): string[] {
  return [...markdown.replaceAll(CODE, '').matchAll(LINK)]
    .map(([, inline, named]) => inline ?? named ?? '')
    .filter((link) => !NOT_A_FILE.test(link) && !existsSync(targetOf(file, link)))
    .map((link) => `${link} leads to nothing`);
}

function targetOf(file: string, link: string): string {
  const [place = ''] = link.split(/[?#]/, 1);
  return path.resolve(path.dirname(file), decodeURI(place));
}
