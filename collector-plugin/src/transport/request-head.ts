import type { IncomingHttpHeaders } from 'node:http';
import type { MessageEncoding } from '../decode/decoders.ts';
import { ReceiveError } from '../errors.ts';
import type { PackedBody } from '../worker/packed-body.ts';
import { CONTENT_CODINGS, type ContentCoding } from '../worker/unpack.ts';
import type { Admit } from './admission.ts';
import { answerEncodings } from './otlp-answer.ts';

const messageEncodings: ReadonlyMap<string, MessageEncoding> = new Map(
  (['protobuf', 'json'] as const).map((name) => [answerEncodings[name].mediaType, name]),
);

/**
 * All that the headers say of a request, checked before a byte of its body is read.
 *
 * @throws ReceiveError what `admit` throws, `unsupported_media_type`, `unsupported_content_encoding`
 */
export function readHead(
  headers: IncomingHttpHeaders,
  admit: Admit,
): Pick<PackedBody, 'contentCoding' | 'messageEncoding' | 'namespace'> {
  const { namespace } = admit(headers);
  const messageEncoding = messageEncodingOf(headers);
  if (!messageEncoding) {
    throw new ReceiveError(
      'unsupported_media_type',
      `Content-Type must be one of ${[...messageEncodings.keys()].join(', ')}.`,
    );
  }
  const contentCoding = contentCodingOf(headers);
  if (!contentCoding) {
    throw new ReceiveError(
      'unsupported_content_encoding',
      `Content-Encoding must be one of ${CONTENT_CODINGS.join(', ')}.`,
    );
  }
  return { namespace, messageEncoding, contentCoding };
}

/** The encoding that `Content-Type` names; undefined when it is none of OTLP's. */
export function messageEncodingOf(headers: IncomingHttpHeaders): MessageEncoding | undefined {
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  return messageEncodings.get(mediaType ?? '');
}

function contentCodingOf(headers: IncomingHttpHeaders): ContentCoding | undefined {
  const name = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  return CONTENT_CODINGS.find((coding) => coding === name);
}
