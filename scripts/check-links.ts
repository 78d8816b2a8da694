/** Checks that every relative link in a Markdown file of this repository leads to something. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { linkProblems } from './link-problems.ts';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const list = execFileSync('git', ['ls-files', '-z', '*.md'], { cwd, encoding: 'utf8' });
const problems = list
  .split('\0')
  .filter((file) => file !== '')
  .flatMap((file) =>
    linkProblems(`${cwd}${file}`, readFileSync(`${cwd}${file}`, 'utf8')).map(
      (problem) => `${file}: ${problem}`,
    ),
  );
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
