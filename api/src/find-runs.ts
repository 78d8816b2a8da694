import { PayloadTooLarge } from './errors.ts';
import { isBelow } from './read/candidates.ts';
import type { Position, RunFilters } from './read/candidates.ts';
import type { Reader } from './read/reader.ts';
import type { Nanoseconds } from './read/rows.ts';
import type { Scope } from './read/scope.ts';
import { positionOf, reconstructRun } from './reconstruct/run-view.ts';
import type { RunView } from './reconstruct/run-view.ts';

/** What every search for runs needs besides its question. */
export interface FindContext {
  reader: Pick<Reader, 'runRows' | 'candidates'>;
  scope: Scope;
  /** Milliseconds since the epoch. */
  now: number;
  signal: AbortSignal;
}

/** A page of the list that is asked for. */
export interface PageRequest {
  filters: RunFilters;
  /** Inclusive. */
  since: Nanoseconds | undefined;
  /** Exclusive. */
  until: Nanoseconds | undefined;
  /** The place after which the page starts; undefined for the first page. */
  after: Position | undefined;
  limit: number;
}

export interface Page {
  runs: RunView[];
  /** Where the next page starts; undefined at the end of the list. */
  next: Position | undefined;
}

/** So many runs at once, so that what is read of them stays small. */
const idsAtOnce = 100;

/** A page ends early when its messages come to this many characters. */
const pageCharacters = 8_000_000;

/** A look-up has no pages, so it is refused beyond this many characters of messages. */
const lookupCharacters = 64_000_000;

/** How far back the list looks, in nanoseconds, before it looks at everything. */
const recentPast = 86_400_000_000_000n;

/** So many rounds at most for one page. A page that is then not full still says where to go on. */
const maxRounds = 40;

/** Later than any moment that ClickHouse can hold. */
const endOfTime: Position = { endedAt: 9_223_372_036_000_000_000n, runId: '' };

/**
 * Finds runs by their ids. Ids of which nothing may be told are missing from the answer.
 *
 * @throws PayloadTooLarge their messages together are too long for one answer
 */
export async function findRuns(
  runIds: readonly string[],
  { reader, scope, now, signal }: FindContext,
): Promise<Map<string, RunView>> {
  const found = new Map<string, RunView>();
  let characters = 0;
  for (let at = 0; at < runIds.length; at += idsAtOnce) {
    const ids = runIds.slice(at, at + idsAtOnce);
    const rows = await reader.runRows(ids, scope, signal);
    for (const id of ids) {
      const run = reconstructRun(id, rows, now);
      if (!run) continue;
      found.set(id, run);
      characters += run.errorMessage.length;
    }
    if (characters > lookupCharacters) {
      throw new PayloadTooLarge('The messages of these runs are too long for one answer.');
    }
  }
  return found;
}

/**
 * Finds one page of the list of runs, newest first.
 *
 * Which run stands where is known only when it is put together. So candidates are taken from the
 * newest rows on. Down to the last of these rows no run is missing, and those above it are certain;
 * those below it turn up again in the next round. Rounds start with the recent past and look
 * further back as needed, so that a busy system's newest page costs no look at all that is kept.
 */
export async function findPage(request: PageRequest, context: FindContext): Promise<Page> {
  const { filters, since, until, limit } = request;
  const runs: RunView[] = [];
  let before = request.after ?? (until === undefined ? endOfTime : { endedAt: until, runId: '' });
  if (until !== undefined && before.endedAt > until) before = { endedAt: until, runId: '' };
  let characters = 0;
  let batch = Math.min(limit + 1, idsAtOnce);
  const lowerBounds = lookBack(before, since, BigInt(context.now) * 1_000_000n);

  for (let round = 0, from = lowerBounds.shift(); from !== undefined; round += 1) {
    if (round === maxRounds) return { runs, next: before };
    const stretch = { from, before, limit: batch };
    const candidates = await context.reader.candidates(
      filters,
      context.scope,
      stretch,
      context.signal,
    );
    const views = await viewsOf(candidates.runIds, context);
    if (views === 'too_large') {
      if (batch === 1) throw new PayloadTooLarge('A run has too many long messages to list it.');
      batch = Math.ceil(batch / 4);
      continue;
    }

    const certain = views
      .filter((run) => matches(run, filters))
      .filter((run) => isBelow(positionOf(run), before))
      .filter((run) => !isBelow(positionOf(run), candidates.floor))
      .toSorted((a, b) => (isBelow(positionOf(a), positionOf(b)) ? 1 : -1));
    for (const run of certain) {
      if (runs.length === limit || (runs.length > 0 && characters > pageCharacters)) {
        return { runs, next: lastPlace(runs) };
      }
      runs.push(run);
      characters += run.errorMessage.length;
    }
    before = candidates.floor;
    if (before.endedAt === from && before.runId === '') from = lowerBounds.shift();
  }
  return { runs, next: undefined };
}

/** The moments down to which the list looks, one after the other. */
function lookBack(
  before: Position,
  since: Nanoseconds | undefined,
  now: Nanoseconds,
): Nanoseconds[] {
  const start = before.endedAt < now ? before.endedAt : now;
  const end = since ?? 0n;
  const recent = start - recentPast;
  return recent > end ? [recent, end] : [end];
}

async function viewsOf(
  ids: readonly string[],
  { reader, scope, now, signal }: FindContext,
): Promise<RunView[] | 'too_large'> {
  if (ids.length === 0) return [];
  try {
    const rows = await reader.runRows(ids, scope, signal);
    return ids.map((id) => reconstructRun(id, rows, now)).filter((run) => run !== undefined);
  } catch (thrown) {
    if (thrown instanceof PayloadTooLarge) return 'too_large';
    throw thrown;
  }
}

function matches(run: RunView, { statuses, service, namespace, q }: RunFilters): boolean {
  return (
    statuses.includes(run.status) &&
    (service === '' || run.service === service) &&
    (namespace === '' || run.namespace === namespace) &&
    [run.runId, run.errorType, run.errorMessage].some((text) => contains(text, q))
  );
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function lastPlace(runs: readonly RunView[]): Position | undefined {
  const last = runs.at(-1);
  return last && positionOf(last);
}
