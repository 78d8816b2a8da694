import type { Readable } from 'node:stream';
import { freeOwn } from '../worker/free.ts';
import { BodyTooLargeError, OverloadedError, ReceiveError } from '../errors.ts';

/** How fast a body has to arrive: else it would hold its memory for as long as its sender likes. */
export interface Pace {
  /** So long, in milliseconds, may any body take. */
  graceMs: number;
  /** Beyond that, so many bytes must have arrived for every second. */
  bytesPerSecond: number;
}

/** A body of the usual 100 KB has 12 s; one of 20 MB has the 60 s in which every request must end. */
export const DEFAULT_PACE: Pace = { graceMs: 10_000, bytesPerSecond: 65_536 };

export interface ReadBodyOptions {
  /** No body may be longer. */
  maxBytes: number;
  pace: Pace;
  /** Asks for room for so many bytes more; false when there is none. */
  hold: (bytes: number) => boolean;
}

/**
 * Reads a request's body as it stands, in the pieces that arrive.
 *
 * @throws ReceiveError `body_too_large`, `body_too_slow`, `overloaded` (no more room), or
 *   `request_aborted`. The request is then paused, with what is left of it unread, and what was read is given
 *   back: {@link freeOwn}.
 */
export function readBody(
  request: Readable,
  { maxBytes, pace, hold }: ReadBodyOptions,
): Promise<Buffer<ArrayBuffer>[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = [];
    const startedAt = performance.now();
    let length = 0;

    const onData = (chunk: Buffer<ArrayBuffer>) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) refuse(new BodyTooLargeError(maxBytes));
      else if (!hold(chunk.length)) refuse(noRoom());
    };
    const onEnd = () => settle(() => resolve(chunks));
    const onClose = () => refuse(aborted());
    // Asked again and again, and not set anew with each chunk: a body has hundreds of them.
    const checkPace = () => {
      const dueAt = startedAt + pace.graceMs + (length / pace.bytesPerSecond) * 1_000;
      const leftMs = dueAt - performance.now();
      if (leftMs <= 0) refuse(tooSlow(pace));
      else timer = setTimeout(checkPace, leftMs);
    };
    let timer = setTimeout(checkPace, pace.graceMs);

    // Not left to the garbage collector: what was refused stood in memory beside what was taken.
    function refuse(error: ReceiveError): void {
      settle(() => reject(error));
      for (const chunk of chunks.splice(0)) freeOwn(chunk);
    }

    function settle(outcome: () => void): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      request.pause();
      outcome();
    }
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

function noRoom(): OverloadedError {
  return new OverloadedError('Too many requests are under way. Try again later.');
}

function aborted(): ReceiveError {
  return new ReceiveError('request_aborted', 'The request ended before its body did.');
}

function tooSlow({ bytesPerSecond }: Pace): ReceiveError {
  return new ReceiveError(
    'body_too_slow',
    `The body arrived at less than ${bytesPerSecond} bytes a second. Try again later.`,
  );
}
