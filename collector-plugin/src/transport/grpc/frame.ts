import { MalformedBodyError } from '../../errors.ts';

/*
 * The Length-Prefixed-Message of https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: one byte that says
 * whether the message is packed, four for its length, and the message.
 */

/** What stands before a message, in bytes. */
export const PREFIX_BYTES = 5;

/** A message as it was sent. */
export interface SentMessage {
  isPacked: boolean;
  /** In a buffer of its own, which can be moved to another thread. */
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Takes the one message out of the pieces in which a request came. It is copied: what HTTP/2 hands over are parts of
 * buffers that many of them share.
 *
 * @throws MalformedBodyError where they are not exactly one message
 */
export function messageOf(pieces: readonly Uint8Array[]): SentMessage {
  const whole = Buffer.concat(pieces);
  if (whole.length < PREFIX_BYTES) throw malformed('it ends before its message');
  const flag = whole.readUInt8(0);
  if (flag > 1) throw malformed(`its message begins with ${flag}`);
  if (whole.readUInt32BE(1) !== whole.length - PREFIX_BYTES) {
    throw malformed('it is not one message of the length that it says');
  }
  const bytes = new Uint8Array(whole.length - PREFIX_BYTES);
  bytes.set(whole.subarray(PREFIX_BYTES));
  return { isPacked: flag === 1, bytes };
}

/** A message as it is sent, not packed. */
export function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function malformed(what: string): MalformedBodyError {
  return new MalformedBodyError(`The body is not a gRPC request: ${what}.`);
}
