/** What is known of a span when it is decided whether it matters; each one bit of a set. */
export const spanFact = {
  /** It has an event named `exception`. */
  hasException: 1,
  /** Its status is ERROR. */
  hasFailed: 2,
  /** It carries a run id itself. */
  namesRun: 4,
  /** It has no valid parent span id. */
  isRoot: 8,
  /** Its resource carries a run id. */
  resourceNamesRun: 16,
} as const;
