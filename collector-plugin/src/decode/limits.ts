/**
 * The most that is looked at, or kept, in one request. What a request may cost is bounded by these
 * and by the length of its body, whatever it holds: a body of 20 MB has room for ten million empty
 * attributes.
 */
export interface DecodeLimits {
  /** Resources and scopes that items stand under. */
  groups: number;
  /** Spans, or log records. */
  items: number;
  /** Attributes that are looked at: of resources, of items, and of exception events. */
  attributes: number;
  /** Span events, exceptions or not. */
  events: number;
  /** Those that are kept: with an exception, and spans that name a run. */
  keptItems: number;
  /** Exceptions, and spans that are kept with status ERROR and without one. */
  failures: number;
}

/**
 * What a Collector sends by default is far below: 8,192 spans, each of at most 128 attributes and 128
 * events.
 */
export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  groups: 100_000,
  items: 100_000,
  attributes: 1_000_000,
  events: 100_000,
  keptItems: 20_000,
  failures: 10_000,
};

/** Items of a request that nobody looked into, and the limit that the request had reached. */
export interface LeftOut {
  items: number;
  limit: keyof DecodeLimits;
  /** The number that the limit stands at. */
  maximum: number;
}

/** The limits by number, for {@link LimitBudget}. */
export const limit = {
  groups: 0,
  items: 1,
  attributes: 2,
  events: 3,
  keptItems: 4,
  failures: 5,
} as const satisfies Record<keyof DecodeLimits, number>;

const MAX_INT32 = 2 ** 31 - 1;
const names = Object.keys(limit) as (keyof DecodeLimits)[];

/**
 * What one request may still take up. By number and in one array, since it is asked for each attribute
 * of each span: by name it took a third of the time that decoding takes.
 */
export class LimitBudget {
  readonly #limits: DecodeLimits;
  readonly #left: Int32Array;
  /** The limit that was run into first. From then on nothing more is looked into. */
  exceeded: keyof DecodeLimits | undefined = undefined;

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
    this.#left = Int32Array.from(names, (name) => Math.min(limits[name], MAX_INT32));
  }

  /** How many more there may be. */
  left(of: number): number {
    return this.#left[of] ?? 0;
  }

  /** Takes `count` of what a limit allows, and tells whether that was still allowed. */
  take(of: number, count = 1): boolean {
    const left = (this.#left[of] ?? 0) - count;
    this.#left[of] = left;
    if (left >= 0) return true;
    this.exceeded ??= names[of];
    return false;
  }

  /** What to report when that many items were passed over; undefined where there were none. */
  leftOut(items: number): LeftOut | undefined {
    const name = this.exceeded;
    return name && items > 0 ? { items, limit: name, maximum: this.#limits[name] } : undefined;
  }
}
