import {
  DEFAULT_DECODE_LIMITS,
  limit,
  LimitBudget,
  type DecodeLimits,
  type LeftOut,
} from './limits.ts';

/** The items of a request that matter, and how many there were in all. */
export interface Taken<Item> {
  count: number;
  /** In the order of the body. */
  items: Item[];
  /** The items at the end that a limit kept out; undefined when every one was looked at. */
  leftOut: LeftOut | undefined;
}

/**
 * Counts the items of a request, its spans or its log records, says which are to be looked into, and gathers
 * what they leave: the same for every signal and encoding. Once a limit is reached, the item at hand and all
 * behind it are left out whole, so that a sender learns of a number of them, and none is kept in part.
 */
export class Intake<Item> {
  readonly budget: LimitBudget;
  readonly #items: Item[] = [];
  #count = 0;
  #leftOut = 0;

  constructor(limits: DecodeLimits = DEFAULT_DECODE_LIMITS) {
    this.budget = new LimitBudget(limits);
  }

  /** A limit has been reached: no more items are looked into. */
  get isFull(): boolean {
    return this.budget.exceeded !== undefined;
  }

  /** Counts that many items that nobody looks into. */
  leaveOut(items: number): void {
    this.#count += items;
    this.#leftOut += items;
  }

  /** Counts the next item and tells whether it may be looked into. */
  begins(): boolean {
    this.#count += 1;
    if (!this.isFull && this.budget.take(limit.items)) return true;
    this.#leftOut += 1;
    return false;
  }

  /** Tells whether the item that was looked into is to be read, given whether it matters. */
  wants(matters: boolean): boolean {
    const { budget } = this;
    if (!this.isFull) {
      if (!matters) return false;
      if (budget.take(limit.keptItems)) return true;
    }
    this.#leftOut += 1;
    return false;
  }

  /** Takes an item that was read, and from the budget so many failures as it has beside those taken before. */
  add(item: Item, failures: number): void {
    const { budget } = this;
    if (!this.isFull && (failures === 0 || budget.take(limit.failures, failures))) {
      this.#items.push(item);
    } else {
      this.#leftOut += 1;
    }
  }

  /** All of the request, when it has come to its end. */
  end(): Taken<Item> {
    return {
      count: this.#count,
      items: this.#items,
      leftOut: this.budget.leftOut(this.#leftOut),
    };
  }
}
