import type { AttributeNames } from './attribute-names.ts';
import type { DecodeLimits } from './limits.ts';

/** What a decoder is told beside the body. */
export interface DecodeOptions {
  /** The attributes that may carry a run id, the preferred one first. */
  runIdNames: AttributeNames;
  /**
   * Which spans are kept, by what is known of a span: a set of the bits of `spanFact`. It is asked
   * once for each span, so it takes a number and not an object.
   */
  keep: (facts: number) => boolean;
  /** {@link DEFAULT_DECODE_LIMITS} when left out. */
  limits?: DecodeLimits;
}
