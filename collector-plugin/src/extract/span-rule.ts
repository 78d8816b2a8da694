import { spanFact } from '../decode/traces/span-facts.ts';

/*
 * Which span matters is decided here and nowhere else: a decoder asks before it keeps a span, and
 * `extract` asks when it makes the records. Facts are a set of bits, since a request has thousands
 * of spans and no object may be made for each.
 */
const { hasException, hasFailed, namesRun, isRoot, resourceNamesRun } = spanFact;

/** Sets of facts, any of which makes a run span. */
const runSpans: readonly number[] = [
  namesRun,
  // The resource names the run for all of its spans; the root stands for it, and where it failed.
  resourceNamesRun | isRoot,
  resourceNamesRun | hasException,
  // Without any run id the trace id is the run id, and only a run that failed is worth a record.
  isRoot | hasException,
  isRoot | hasFailed,
];

const isRunSpanByFacts: readonly boolean[] = Array.from({ length: 32 }, (_, facts) =>
  runSpans.some((needed) => (facts & needed) === needed),
);

/** Tells whether a span with these facts says which run its trace belongs to, and how it went. */
export function isRunSpan(facts: number): boolean {
  return isRunSpanByFacts[facts] === true;
}

/** Tells whether anything is kept of a span with these facts: an exception, or its run. */
export function spanMatters(facts: number): boolean {
  return (facts & hasException) !== 0 || isRunSpan(facts);
}
