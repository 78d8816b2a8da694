/**
 * Lets failtrace's parts fail in many ways under load, and compares all that was acknowledged with what is
 * stored: `npm run test:reliability -- --help`. Ends with 1 when something is lost, doubled or wrong.
 */
import { randomBytes } from 'node:crypto';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { manyKills } from './faults/many-kills.ts';
import { missingOf } from './needs.ts';
import { help, readOptions, type Options } from './options.ts';
import { asLine, asMarkdown, type Skipped } from './report.ts';
import { runFault, type Outcome } from './run-fault.ts';
import { writePage } from './write-page.ts';

const HOUR_MS = 3_600_000;
/** In a run of hours each fault takes so many times as long. */
const LONG_SCALE = 3;

async function main(options: Options, seed: string): Promise<boolean> {
  const until = performance.now() + options.hours * HOUR_MS;
  const scale = options.scale ?? (options.hours > 0 ? LONG_SCALE : 1);
  const outcomes: Outcome[] = [];
  const skipped: Skipped[] = [];
  console.error(`FAILTRACE_RELIABILITY_SEED=${seed}`);
  for (let round = 0; round === 0 || performance.now() < until; round += 1) {
    const due = [...chosen(options)];
    const places = new Map(due.map(({ name }, place) => [name, place]));
    const ofRound: Outcome[] = [];
    const lane = async () => {
      for (let fault = due.shift(); fault; fault = due.shift()) {
        const missing = await missingOf(fault);
        if (missing !== undefined) {
          console.error(`left out  ${fault.name}: it needs ${missing}`);
          if (round === 0) skipped.push({ name: fault.name, missing });
          continue;
        }
        const roundSeed = round === 0 ? seed : `${seed}/${round}`;
        const outcome = await runFault(fault, { seed: roundSeed, scale });
        console.error(asLine(outcome));
        ofRound.push(outcome);
      }
    };
    await Promise.all(Array.from({ length: options.lanes }, lane));
    const placeOf = ({ fault }: Outcome) => places.get(fault.name) ?? 0;
    outcomes.push(...ofRound.toSorted((a, b) => placeOf(a) - placeOf(b)));
  }
  const report = asMarkdown(outcomes, skipped, seed);
  console.log(report);
  if (options.write) writePage(options.kills ? 'kills' : 'faults', report);
  const failed = outcomes.filter(({ findings }) => findings.lines().length > 0);
  console.error(
    `${outcomes.length - failed.length} faults went well, ${failed.length} did not, ${skipped.length} were left out`,
  );
  for (const { fault, findings } of failed) {
    for (const line of findings.lines()) console.error(`${fault.name}: ${line}`);
  }
  // Where everything should be there, what is left out would go unnoticed.
  return failed.length === 0 && (skipped.length === 0 || process.env['CI'] === undefined);
}

function chosen({ names, kills, failures }: Options): readonly Fault[] {
  if (kills) return [manyKills(failures)];
  if (names.length === 0) return faults;
  return names.map((name) => {
    const found = faults.find((fault) => fault.name === name);
    if (!found) throw new Error(`There is no fault "${name}"; --list names them.`);
    return found;
  });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
  } else if (options.list) {
    for (const { name, what } of faults) console.log(`${name}: ${what}`);
  } else {
    const seed = process.env['FAILTRACE_RELIABILITY_SEED'] ?? randomBytes(4).toString('hex');
    process.exitCode = (await main(options, seed)) ? 0 : 1;
  }
} catch (error) {
  console.error((error as Error).stack);
  process.exitCode = 1;
}
