import type { AttributeNames } from './attribute-names.ts';
import type { DecodeOptions } from './decode-options.ts';
import { Intake } from './intake.ts';
import { ProtobufAttribute } from './protobuf-attribute.ts';
import { WireReader } from './wire-reader.ts';

/** What the functions that walk over one request share: made once for each request. */
export interface ProtobufWalk<Item> {
  readonly reader: WireReader;
  /** The attribute that was read last. */
  readonly attribute: ProtobufAttribute;
  readonly runIdNames: AttributeNames;
  readonly intake: Intake<Item>;
}

/** Begins a walk at the first byte of a body. */
export function protobufWalk<Item>(
  body: Buffer,
  { runIdNames, limits }: Pick<DecodeOptions, 'runIdNames' | 'limits'>,
): ProtobufWalk<Item> {
  const reader = new WireReader(body);
  return {
    reader,
    attribute: new ProtobufAttribute(reader),
    runIdNames,
    intake: new Intake(limits),
  };
}
