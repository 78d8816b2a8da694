/** Checks that everything which `npm ci` installs is checked against what was published. */
import { readFileSync } from 'node:fs';
import { lockProblems, type Lock } from './lock-problems.ts';

const file = new URL('../package-lock.json', import.meta.url);
const problems = lockProblems(JSON.parse(readFileSync(file, 'utf8')) as Lock);
for (const problem of problems) console.error(`package-lock.json: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
