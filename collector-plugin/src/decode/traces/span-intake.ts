import type { DecodeOptions } from '../decode-options.ts';
import { DEFAULT_DECODE_LIMITS, limit, LimitBudget } from '../limits.ts';
import type { DecodedSpan, DecodedTraces } from './decoded-traces.ts';
import { STATUS_ERROR } from './span-status.ts';

/**
 * Counts the spans of a request, says which are to be looked into, and gathers what they leave: the
 * same for every encoding. Once a limit is reached, the span at hand and all behind it are left out
 * whole, so that a sender learns of a number of spans, and no span is kept in part.
 */
export class SpanIntake {
  readonly budget: LimitBudget;
  readonly #keep: DecodeOptions['keep'];
  readonly #spans: DecodedSpan[] = [];
  #spanCount = 0;
  #leftOut = 0;

  constructor({ keep, limits = DEFAULT_DECODE_LIMITS }: DecodeOptions) {
    this.#keep = keep;
    this.budget = new LimitBudget(limits);
  }

  /** A limit has been reached: no more spans are looked into. */
  get isFull(): boolean {
    return this.budget.exceeded !== undefined;
  }

  /** Counts that many spans that nobody looks into. */
  leaveOut(spans: number): void {
    this.#spanCount += spans;
    this.#leftOut += spans;
  }

  /** Counts the next span and tells whether it may be looked into. */
  begins(): boolean {
    this.#spanCount += 1;
    if (!this.isFull && this.budget.take(limit.spans)) return true;
    this.#leftOut += 1;
    return false;
  }

  /** Tells whether the span with these facts is to be read. */
  wants(facts: number): boolean {
    const { budget } = this;
    if (!this.isFull) {
      if (!this.#keep(facts)) return false;
      if (budget.take(limit.keptSpans)) return true;
    }
    this.#leftOut += 1;
    return false;
  }

  /** Takes a span that was read; its exceptions have been taken from the budget. */
  add(span: DecodedSpan): void {
    const { budget } = this;
    const failedWithoutException = span.status === STATUS_ERROR && span.exceptions.length === 0;
    if (!this.isFull && (!failedWithoutException || budget.take(limit.failures))) {
      this.#spans.push(span);
    } else {
      this.#leftOut += 1;
    }
  }

  /** All of the request, when it has come to its end. */
  end(): DecodedTraces {
    return {
      spanCount: this.#spanCount,
      spans: this.#spans,
      leftOut: this.budget.leftOut(this.#leftOut),
    };
  }
}
