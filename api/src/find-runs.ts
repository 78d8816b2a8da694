import { isRunId } from '@failtrace/contract';
import { AmbiguousRun, RunNotFound } from './errors.ts';
import { endOfTime, failureName, isBelow } from './read/candidates.ts';
import type { Candidates, Position, RunFilters } from './read/candidates.ts';
import { SHOWN_MESSAGE_BYTES } from './read/limits.ts';
import type { Depth } from './read/limits.ts';
import type { Reader } from './read/reader.ts';
import { momentOf } from './read/rows.ts';
import type { Nanoseconds } from './read/rows.ts';
import type { Scope } from './read/scope.ts';
import type { RunQuestion } from './read/record-places.ts';
import { positionOf, reconstructRuns } from './reconstruct/run-view.ts';
import type { RunView } from './reconstruct/run-view.ts';

/** What every search for runs needs besides its question. */
export interface FindContext {
  reader: Pick<Reader, 'runRows' | 'candidates' | 'messageHeads'>;
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

/** So many candidates of the list at once, so that what is read of them stays small. */
const idsAtOnce = 100;

/** So many candidates more than a page has runs: a few of them turn out to belong to a run among them. */
const candidatesToSpare = 6;

/** A page ends early when what is shown of its messages comes to this many bytes. */
const pageMessageBytes = 8_000_000;

/** How far back the list looks at first, in nanoseconds: three hours. */
const recentPast = 10_800_000_000_000n;

/** Each look further back goes at least so many times as far as the one before. */
const furtherBack = 8;

/** So many rounds at most for one page. A page that is then not full still says where to go on. */
const maxRounds = 40;

/**
 * Finds runs by their ids: for each id those of all namespaces that the caller may see, or of the one
 * that is picked. Ids of which
 * nothing may be told are missing from the answer.
 */
export async function findRuns(
  { runIds, namespace }: RunQuestion,
  depth: Depth,
  context: FindContext,
): Promise<Map<string, RunView[]>> {
  const views = await viewsOf({ runIds, namespace }, depth, context);
  return Map.groupBy(picksOf(views, namespace), (run) => run.runId);
}

/** A run that was asked for by its id, and whether other namespaces have one of the same id. */
export interface FoundRun {
  run: RunView;
  sharesItsId: boolean;
}

/**
 * Finds the one run of an id.
 *
 * @param namespace picks where several have it, and may be the empty one; undefined picks nothing
 * @throws RunNotFound there is none, or none that the caller may see
 * @throws AmbiguousRun several are left
 */
export async function findRun(
  runId: string,
  namespace: string | undefined,
  context: FindContext,
): Promise<FoundRun> {
  const runs = await viewsOf({ runIds: [runId], namespace }, 'whole', context);
  const picked = picksOf(runs, namespace);
  if (picked.length > 1) throw new AmbiguousRun(namespacesOf(picked));
  const [run] = picked;
  if (!run) throw new RunNotFound();
  return { run, sharesItsId: runs.length > 1 };
}

/** Those runs of one id that a namespace picks; all of them where none is named. */
function picksOf(runs: readonly RunView[], namespace: string | undefined): RunView[] {
  return runs.filter((run) => namespace === undefined || run.namespace === namespace);
}

/** So many namespaces are named to who has to pick one; a sender may have made up thousands. */
const namespacesNamed = 20;

export function namespacesOf(runs: readonly RunView[]): string[] {
  return runs.slice(0, namespacesNamed).map((run) => run.namespace);
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
  let before = startOf(request);
  let bytes = 0;
  const batch = Math.min(limit + candidatesToSpare, idsAtOnce);
  const start = nearest(before.endedAt, BigInt(context.now) * 1_000_000n);
  const end = since !== undefined && since > 0n ? since : 0n;
  let from = latest(start - recentPast, end);

  // A search may be for a run id, and that is looked up.
  const looksUp = viewsOf(namedBySearch(filters), 'summary', context);
  // It is awaited after the first candidates, and must not end the process where those fail before it.
  looksUp.catch(() => undefined);

  for (let round = 0, seen = 0; ; round += 1) {
    if (round === maxRounds) return { runs, next: before };
    const candidates = await context.reader.candidates(
      filters,
      context.scope,
      { from, before, limit: batch },
      context.signal,
    );
    const { runIds, traceIds } = candidates;
    const question = { runIds, traceIds, namespace: filters.namespace };
    const views = await viewsOf(question, 'summary', context);
    const named = await looksUp;
    const found = views.filter((run) => run.runId !== filters.q && hasWords(run, candidates));
    const place = (run: RunView) => placeOf(run, filters);
    const certain = [...found, ...named]
      .filter((run) => matches(run, filters))
      .filter((run) => isBelow(place(run), before))
      .filter((run) => !isBelow(place(run), candidates.floor))
      .filter((run) => since === undefined || place(run).endedAt >= since)
      .filter((run) => until === undefined || place(run).endedAt < until)
      .toSorted((a, b) => (isBelow(place(a), place(b)) ? 1 : -1));
    for (const run of certain) {
      if (runs.length === limit || (runs.length > 0 && bytes > pageMessageBytes)) {
        const last = runs.at(-1);
        return { runs, next: last && place(last) };
      }
      runs.push(run);
      bytes += Math.min(run.shown?.messageBytes ?? 0, SHOWN_MESSAGE_BYTES);
    }
    before = candidates.floor;
    seen += runIds.length;
    if (before.endedAt > from || before.runId !== '') continue;
    if (from === end) return { runs, next: undefined };
    from = seen === 0 ? end : latest(start - (start - from) * timesAsFar(seen, limit), end);
  }
}

function startOf({ after, until }: PageRequest): Position {
  const end =
    until === undefined || until > endOfTime.endedAt
      ? endOfTime
      : { endedAt: until > 0n ? until : 0n, runId: '', namespace: '' };
  return after && isBelow(after, end) ? after : end;
}

/** As far as there should be enough for a page, when so many were seen down to here. */
function timesAsFar(seen: number, limit: number): bigint {
  return BigInt(Math.max(furtherBack, Math.ceil((2 * limit) / seen)));
}

const latest = (a: Nanoseconds, b: Nanoseconds) => (a > b ? a : b);
const nearest = (a: Nanoseconds, b: Nanoseconds) => (a < b ? a : b);

/**
 * The runs of some ids, put together. Where there is no room for the rows of all of them, they are read
 * in smaller parts, down to one alone: it is told as far as it was read, and marked, and the others are
 * whole.
 */
async function viewsOf(
  question: RunQuestion,
  depth: Depth,
  context: FindContext,
): Promise<RunView[]> {
  const { runIds, namespace } = question;
  if (runIds.length === 0) return [];
  const { reader, scope, now, signal } = context;
  const rows = await reader.runRows(question, scope, depth, signal);
  if (rows.fits || runIds.length === 1) {
    return runIds.flatMap((id) => reconstructRuns(id, rows, now));
  }
  const views: RunView[] = [];
  const size = Math.ceil(runIds.length / 4);
  for (let at = 0; at < runIds.length; at += size) {
    const part = { runIds: runIds.slice(at, at + size), namespace };
    views.push(...(await viewsOf(part, depth, context)));
  }
  return views;
}

function matches(run: RunView, { statuses, service, namespace }: RunFilters): boolean {
  return (
    statuses.includes(run.status) &&
    (service === '' || run.service === service) &&
    (namespace === undefined || run.namespace === namespace)
  );
}

function namedBySearch({ q, namespace }: RunFilters): RunQuestion {
  return { runIds: isRunId(q) ? [q] : [], namespace };
}

/** Whether what a run shows is what was found; of all runs that a failure is part of, one shows it. */
function hasWords({ shown }: RunView, { found }: Candidates): boolean {
  return found === undefined || (shown !== undefined && found.has(failureName(shown)));
}

/**
 * In a search a run stands where the failure does that was found, which may be long before its end; and several
 * runs of a trace may show the same one, so that their ids tell their places apart. They have no line feeds.
 */
function placeOf(run: RunView, { q }: RunFilters): Position {
  const { shown, runId, namespace } = run;
  if (q === '' || !shown) return positionOf(run);
  return {
    endedAt: momentOf(shown),
    runId: shown.traceId,
    namespace: `${runId}\n${namespace}`,
  };
}
