import type { DecodeOptions } from '../decode-options.ts';
import { jsonWalk, type JsonWalk } from '../json-walk.ts';
import type { DecodedSpan } from './decoded-traces.ts';
import { SPAN_FIELDS } from './json-span.ts';

/** What the functions that walk over the spans of one request share. */
export interface SpansWalk extends JsonWalk<DecodedSpan> {
  readonly keep: DecodeOptions['keep'];
  /** Where the fields of the event stand that was passed over last; -1 for none. */
  readonly event: { timeAt: number; attributesAt: number; droppedAttributesAt: number };
}

/** Begins a walk at the first byte of a body. */
export function spansWalk(body: Buffer, options: DecodeOptions): SpansWalk {
  return {
    ...jsonWalk<DecodedSpan>(body, options, SPAN_FIELDS),
    keep: options.keep,
    event: { timeAt: -1, attributesAt: -1, droppedAttributesAt: -1 },
  };
}
