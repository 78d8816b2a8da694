import type { AttributeNames } from '../attribute-names.ts';
import type { DecodeOptions } from '../decode-options.ts';
import { JsonAttribute } from '../json-attribute.ts';
import { JsonCursor } from '../json-cursor.ts';
import { SPAN_FIELDS } from './json-span.ts';
import { SpanIntake } from './span-intake.ts';

/** What the functions that walk over one request share: made once for each request. */
export interface JsonWalk {
  readonly cursor: JsonCursor;
  /** The attribute that was read last. */
  readonly attribute: JsonAttribute;
  /** Where the fields of the span stand that was passed over last, by their rank; -1 for none. */
  readonly spanFieldsAt: Int32Array;
  /** Where the fields of the event stand that was passed over last; -1 for none. */
  readonly event: { timeAt: number; attributesAt: number; droppedAttributesAt: number };
  readonly runIdNames: AttributeNames;
  readonly intake: SpanIntake;
}

/** Begins a walk at the first byte of a body. */
export function jsonWalk(body: Buffer, options: DecodeOptions): JsonWalk {
  const cursor = new JsonCursor(body);
  return {
    cursor,
    attribute: new JsonAttribute(cursor),
    spanFieldsAt: new Int32Array(SPAN_FIELDS),
    event: { timeAt: -1, attributesAt: -1, droppedAttributesAt: -1 },
    runIdNames: options.runIdNames,
    intake: new SpanIntake(options),
  };
}
