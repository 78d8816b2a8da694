import { gzipSync } from 'node:zlib';

const MEBIBYTE = 2 ** 20;

/** A body that costs its sender little, and a careless receiver much. */
export interface WorstBody {
  what: string;
  contentType: 'application/json' | 'application/x-protobuf';
  /** Packed with gzip. */
  packed: Buffer;
}

/** The worst bodies that are known, each just under `unpackedBytes`. */
export function worstBodies(unpackedBytes = 19 * MEBIBYTE): WorstBody[] {
  return [
    json(
      'millions of empty attributes',
      '[{"spans":[{"attributes":[',
      '{}',
      ']}]}]',
      unpackedBytes,
    ),
    json('millions of empty spans', '[{"spans":[', '{}', ']}]', unpackedBytes),
    json('millions of empty events', '[{"spans":[{"events":[', '{}', ']}]}]', unpackedBytes),
    {
      what: 'arrays in arrays, as deep as the body is long',
      contentType: 'application/json',
      packed: gzipSync(
        `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"run.id","value":${'['.repeat(unpackedBytes)}`,
      ),
    },
    {
      what: 'one message as long as the body',
      contentType: 'application/json',
      packed: gzipSync(longMessage(unpackedBytes)),
    },
    protobuf('half a million exceptions', exceptionSpan(Math.floor(unpackedBytes / 42))),
    protobuf('millions of tiny spans', repeated(field(2, Buffer.alloc(0)), unpackedBytes)),
    protobuf('millions of failed spans', repeated(field(2, failedSpan()), unpackedBytes)),
    {
      what: 'groups in groups',
      contentType: 'application/x-protobuf',
      packed: gzipSync(Buffer.alloc(unpackedBytes, 0x0b)),
    },
  ];
}

/** A failed span with one exception, whose message is nearly that long. */
export function longMessage(bytes: number): string {
  const message = 'x'.repeat(bytes - 500);
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${'ab'.repeat(16)}","spanId":"${'cd'.repeat(8)}","status":{"code":2},"events":[{"name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"${message}"}}]}]}]}]}]}`;
}

function json(
  what: string,
  before: string,
  element: string,
  after: string,
  unpackedBytes: number,
): WorstBody {
  const head = `{"resourceSpans":[{"scopeSpans":${before}`;
  const count = Math.floor((unpackedBytes - head.length - 50) / (element.length + 1));
  const text = `${head}${`${element},`.repeat(count)}${element}${after}}]}`;
  return { what, contentType: 'application/json', packed: gzipSync(text) };
}

/** `content` is the fields of a ScopeSpans. */
function protobuf(what: string, content: Buffer): WorstBody {
  const request = field(1, field(2, content));
  return { what, contentType: 'application/x-protobuf', packed: gzipSync(request) };
}

/** One span with so many exception events. */
function exceptionSpan(count: number): Buffer {
  const event = field(11, field(2, Buffer.from('exception')));
  return field(2, Buffer.concat([ids(), repeated(event, count * event.length)]));
}

/** A span with status ERROR. */
function failedSpan(): Buffer {
  return Buffer.concat([ids(), field(15, Buffer.from([0x18, 0x02]))]);
}

function ids(): Buffer {
  return Buffer.concat([field(1, Buffer.alloc(16, 0xab)), field(2, Buffer.alloc(8, 0xcd))]);
}

function repeated(piece: Buffer, bytes: number): Buffer {
  return Buffer.alloc(Math.floor(bytes / piece.length) * piece.length, piece);
}

function field(fieldNumber: number, content: Buffer): Buffer {
  const prefix: number[] = [(fieldNumber << 3) | 2];
  let rest = content.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 128);
  return Buffer.concat([Buffer.from([...prefix, rest]), content]);
}
