import { parseArgs } from 'node:util';

/** What the program is told on its command line. */
export interface Options {
  /** Only these faults; all when there is none. */
  names: string[];
  /** Goes through the faults again and again for so many hours; 0 for once. */
  hours: number;
  /** In place of the others, the one with very many failures and kills. */
  kills: boolean;
  /** How many failures that one has. */
  failures: number;
  /** So many faults happen side by side, each in a house of its own. */
  lanes: number;
  /** How many times as long, or as often, a fault happens; undefined for what is usual. */
  scale: number | undefined;
  /** Puts the report into docs/reliability.md. */
  write: boolean;
  list: boolean;
  help: boolean;
}

export const help = `npm run test:reliability -- [options] [names of faults]

Lets failtrace's parts fail in many ways under load, and compares all that was acknowledged with what is stored.

  --hours N      goes on for so many hours, with a new seed each time round
  --kills        a million failures, while the parts are killed thirty times (--failures N for fewer)
  --lanes N      lets N faults happen side by side, each in a house of its own (2)
  --scale N      makes each fault N times as long: "overload --scale 50" is ten minutes of it
  --write        puts the report into docs/reliability.md
  --list         names the faults

FAILTRACE_RELIABILITY_SEED=… makes the same choices again that a run has printed the seed of.
`;

/** @throws TypeError an option that is not known, Error one that does not do */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      hours: { type: 'string', default: '0' },
      failures: { type: 'string', default: '1000000' },
      lanes: { type: 'string', default: '2' },
      scale: { type: 'string' },
      kills: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { hours, failures, lanes, scale, ...flags } = values;
  if (flags.write && positionals.length > 0) {
    throw new Error(
      '--write is for all faults: a page with some of them would say less than it seems.',
    );
  }
  return {
    ...flags,
    names: positionals,
    scale: scale === undefined ? undefined : positive('--scale', scale, /^[1-9]\d{0,2}$/),
    lanes: positive('--lanes', lanes, /^[1-9]$/),
    hours: positive('--hours', hours, /^\d+(\.\d+)?$/),
    failures: positive('--failures', failures, /^[1-9]\d{2,7}$/),
  };
}

function positive(name: string, value: string, form: RegExp): number {
  if (form.test(value)) return Number(value);
  throw new Error(`${name}=${value}: a number is wanted here.`);
}
