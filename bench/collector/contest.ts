import type { Load } from '../load.ts';
import { median } from '../statistics.ts';
import { costOf, type Cost } from './cost.ts';

/** Something that takes OTLP, and the processes that work for it beside ClickHouse. */
export interface Started {
  url: string;
  pids: Record<string, readonly number[]>;
  stop: () => Promise<void>;
}

/** One of those that are compared. */
export interface Contestant {
  what: string;
  load: Load;
  start: () => Promise<Started>;
}

/** What a contestant took, as medians of the rounds, in CPU seconds for a million spans. */
export interface Result {
  what: string;
  /** By process. */
  each: Record<string, number>;
  /** Without ClickHouse. */
  own: number;
  /** With ClickHouse. */
  whole: number;
  /** Spans a second until the last was acknowledged. */
  rate: number;
}

const SENDERS = 8;
/** Node compiles what runs often; a receiver runs for weeks. */
const WARM_UP_REQUESTS = 48;
const REQUESTS = 64;

/** Measures each of them, one after the other, in several rounds. */
export async function contest(
  contestants: readonly Contestant[],
  clickhousePids: readonly number[],
  rounds: number,
): Promise<Result[]> {
  const costs = contestants.map((): Cost[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, each] of contestants.entries()) {
      costs[index]?.push(await measure(each, clickhousePids));
    }
  }
  return contestants.map(({ what }, index) => resultOf(what, costs[index] ?? []));
}

async function measure(
  { what, load, start }: Contestant,
  clickhousePids: readonly number[],
): Promise<Cost> {
  const { url, pids, stop } = await start();
  try {
    const all = { ...pids, ClickHouse: clickhousePids };
    await costOf(url, load, { requests: WARM_UP_REQUESTS, senders: SENDERS }, all);
    return await costOf(url, load, { requests: REQUESTS, senders: SENDERS }, all);
  } catch (cause) {
    throw new Error(`measuring "${what}"`, { cause });
  } finally {
    await stop();
  }
}

function resultOf(what: string, costs: readonly Cost[]): Result {
  const of = (taken: (cost: Cost) => number) => median(costs.map(taken));
  const sum = (cost: Cost, except?: string) =>
    Object.entries(cost.cpu).reduce((all, [name, cpu]) => (name === except ? all : all + cpu), 0);
  const names = Object.keys(costs[0]?.cpu ?? {});
  return {
    what,
    each: Object.fromEntries(names.map((name) => [name, of(({ cpu }) => cpu[name] ?? 0)])),
    own: of((cost) => sum(cost, 'ClickHouse')),
    whole: of((cost) => sum(cost)),
    rate: of(({ rate }) => rate),
  };
}

/** A result as a line of a Markdown table with the columns of {@link RESULT_COLUMNS}. */
export function asLine({ what, each, own, whole, rate }: Result): string {
  const parts = Object.entries(each).map(([name, cpu]) => `${name} ${cpu.toFixed(2)}`);
  return `| ${what} | ${own.toFixed(2)} | ${whole.toFixed(2)} | ${parts.join(', ')} | ${Math.round(rate / 1_000)} k |`;
}

export const RESULT_COLUMNS = `| CPU seconds for a million spans | processes | with ClickHouse | of it | spans/s |
|---|---:|---:|---|---:|`;
