import { ReceiveError } from '../../errors.ts';
import { lengthDelimited, varintField } from '../otlp-answer.ts';
import { statusOf } from '../status-of.ts';

const RETRY_INFO = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');

/** The headers of an answer that is no success, by which a sender learns whether it may try again, and when. */
export function failureHeaders(error: unknown): Record<string, string> {
  const { grpc: code, retryAfter } = statusOf(error);
  // What is no ReceiveError may name anything; the sender learns no more than that it happened.
  const message = error instanceof ReceiveError ? error.message : 'failtrace failed.';
  return {
    'grpc-status': String(code),
    'grpc-message': percentEncoded(message),
    ...(retryAfter !== undefined && {
      'grpc-status-details-bin': statusWithRetryInfo(code, message, retryAfter)
        .toString('base64')
        .replaceAll('=', ''),
    }),
  };
}

/** google.rpc.Status with a google.rpc.RetryInfo, without which RESOURCE_EXHAUSTED must not be tried again. */
function statusWithRetryInfo(code: number, message: string, seconds: number): Buffer {
  const retryInfo = lengthDelimited(1, varintField(1, seconds));
  const any = Buffer.concat([lengthDelimited(1, RETRY_INFO), lengthDelimited(2, retryInfo)]);
  return Buffer.concat([
    varintField(1, code),
    lengthDelimited(2, Buffer.from(message)),
    lengthDelimited(3, any),
  ]);
}

/** All but printable ASCII, and the percent sign, as gRPC wants it in a header. */
function percentEncoded(text: string): string {
  return text.replaceAll(/[^ -$&-~]+/g, encodeURIComponent);
}
