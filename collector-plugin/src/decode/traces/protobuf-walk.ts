import type { AttributeNames } from '../attribute-names.ts';
import type { DecodeOptions } from '../decode-options.ts';
import { ProtobufAttribute } from '../protobuf-attribute.ts';
import { WireReader } from '../wire-reader.ts';
import { SpanIntake } from './span-intake.ts';

/** What the functions that walk over one request share: made once for each request. */
export interface ProtobufWalk {
  readonly reader: WireReader;
  /** The attribute that was read last. */
  readonly attribute: ProtobufAttribute;
  readonly runIdNames: AttributeNames;
  readonly intake: SpanIntake;
}

/** Begins a walk at the first byte of a body. */
export function protobufWalk(body: Buffer, options: DecodeOptions): ProtobufWalk {
  const reader = new WireReader(body);
  return {
    reader,
    attribute: new ProtobufAttribute(reader),
    runIdNames: options.runIdNames,
    intake: new SpanIntake(options),
  };
}
