/**
 * Random OTLP requests at the level of wire bytes, from a seed: fields in any order, left out,
 * given twice or split, numbers longer than they need be, unknown fields and groups in between,
 * wrong wire types, and (in some) bytes flipped, cut off or inserted afterwards.
 */
export function hostileRequest(
  seed: number,
  message: 'request' | 'logsRequest' = 'request',
): Buffer {
  const random = generator(seed);
  // Half of the requests stay within what the encoding allows, or a full decode would refuse most.
  const legal = random(2) === 0;
  const request = new HostileWire(random, legal).message(message, 0);
  return !legal && random(2) === 0 ? damaged(request, random) : request;
}

/** Uniform whole numbers from 0 to below `bound`. */
export type Random = (bound: number) => number;

/** mulberry32: small, seeded, and good enough to vary payloads. */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

type Kind =
  'varint' | 'fixed64' | 'fixed32' | 'text' | 'key' | 'eventName' | 'id16' | 'id8' | MessageName;
type MessageName = keyof typeof messages;

const messages = {
  request: { 1: 'resourceSpans' },
  resourceSpans: { 1: 'resource', 2: 'scopeSpans', 3: 'text' },
  resource: { 1: 'keyValue', 2: 'varint' },
  scopeSpans: { 1: 'resource', 2: 'span', 3: 'text' },
  span: {
    1: 'id16',
    2: 'id8',
    3: 'text',
    4: 'id8',
    5: 'text',
    6: 'varint',
    7: 'fixed64',
    8: 'fixed64',
    9: 'keyValue',
    10: 'varint',
    11: 'event',
    12: 'varint',
    13: 'link',
    15: 'status',
    16: 'fixed32',
  },
  event: { 1: 'fixed64', 2: 'eventName', 3: 'keyValue', 4: 'varint' },
  link: { 1: 'id16', 2: 'id8', 4: 'keyValue' },
  status: { 2: 'text', 3: 'varint' },
  logsRequest: { 1: 'resourceLogs' },
  resourceLogs: { 1: 'resource', 2: 'scopeLogs', 3: 'text' },
  scopeLogs: { 1: 'resource', 2: 'logRecord', 3: 'text' },
  logRecord: {
    1: 'fixed64',
    2: 'varint',
    3: 'text',
    5: 'anyValue',
    6: 'keyValue',
    7: 'varint',
    8: 'fixed32',
    9: 'id16',
    10: 'id8',
    11: 'fixed64',
    12: 'eventName',
  },
  keyValue: { 1: 'key', 2: 'anyValue' },
  anyValue: { 1: 'text', 2: 'varint', 3: 'varint', 4: 'fixed64', 5: 'arrayValue', 7: 'text' },
  arrayValue: { 1: 'anyValue' },
} as const satisfies Record<string, Record<number, string>>;

const eventNames = [
  'exception',
  'exception',
  'exception',
  'exceptions',
  'exceptio',
  'a.exception',
  'xcep',
  '',
];
const keys = [
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.escaped',
  'event.name',
  'run.id',
  'ran.id',
  'workflow.run.id',
  'k8s.job.uid',
  'server.port',
  'service.name',
  'service.namespace',
  'http.route',
  'x'.repeat(130),
  '',
];
const texts = [
  '',
  'exception',
  'run.id',
  '\u0018\u0002',
  'z\u0002\u0018\u0002',
  'Order 4711',
  'x'.repeat(200),
];
const numbers = [
  0n,
  1n,
  2n,
  2n,
  2n,
  3n,
  127n,
  128n,
  300n,
  2n ** 32n + 2n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const repeatable: ReadonlySet<string> = new Set([
  'keyValue',
  'event',
  'span',
  'scopeSpans',
  'resourceSpans',
  'logRecord',
  'scopeLogs',
  'resourceLogs',
]);
const MAX_DEPTH = 9;

class HostileWire {
  readonly #random: Random;
  readonly #legal: boolean;

  constructor(random: Random, legal: boolean) {
    this.#random = random;
    this.#legal = legal;
  }

  message(name: MessageName, depth: number): Buffer {
    const fields = Object.entries(messages[name]) as [string, Kind][];
    const parts: Buffer[] = [];
    for (const [number, kind] of this.#random(3) === 0 ? this.#shuffled(fields) : fields) {
      const times = this.#random(5) === 0 ? 0 : repeatable.has(kind) ? 1 + this.#random(2) : 1;
      for (let time = 0; time < times; time += 1)
        parts.push(this.#field(Number(number), kind, depth));
      if (this.#random(12) === 0) parts.push(this.#field(Number(number), kind, depth));
      if (this.#random(20) === 0) parts.push(this.#stranger(depth));
    }
    return Buffer.concat(parts);
  }

  #field(number: number, kind: Kind, depth: number): Buffer {
    const actual =
      this.#random(60) === 0 ? this.#pick(['varint', 'fixed64', 'fixed32', 'text'] as const) : kind;
    switch (actual) {
      case 'varint':
        return Buffer.concat([this.#tag(number, 0), this.#varint(this.#pick(numbers))]);
      case 'fixed64':
        return Buffer.concat([this.#tag(number, 1), this.#bytes(8)]);
      case 'fixed32':
        return Buffer.concat([this.#tag(number, 5), this.#bytes(4)]);
      case 'text':
        return this.#delimited(number, this.#text(texts));
      case 'key':
        return this.#delimited(number, this.#text(keys));
      case 'eventName':
        return this.#delimited(number, this.#text(eventNames));
      case 'id16':
        return this.#delimited(number, this.#id(16));
      case 'id8':
        return this.#delimited(number, this.#id(8));
      default:
        return this.#delimited(
          number,
          depth > MAX_DEPTH ? Buffer.alloc(0) : this.message(actual, depth + 1),
        );
    }
  }

  /** A field that no message has: an unknown number, or a group around anything. */
  #stranger(depth: number): Buffer {
    const number = this.#pick([17, 99, 2_000, 536_870_911]);
    if (this.#random(2) === 0)
      return this.#field(
        number,
        this.#pick(['varint', 'fixed64', 'fixed32', 'text'] as const),
        depth,
      );
    const inside = depth > MAX_DEPTH ? Buffer.alloc(0) : this.message('event', MAX_DEPTH);
    return Buffer.concat([this.#tag(number, 3), inside, this.#tag(this.#rarely() ? 5 : number, 4)]);
  }

  #delimited(number: number, content: Buffer): Buffer {
    const longer = this.#rarely() ? 1 : 0;
    return Buffer.concat([
      this.#tag(number, 2),
      this.#varint(BigInt(content.length + longer), 4),
      content,
    ]);
  }

  #tag(number: number, type: number): Buffer {
    return this.#varint(BigInt(number) * 8n + BigInt(type), 4);
  }

  /** Sometimes longer than need be, which the encoding allows. */
  #varint(value: bigint, mostPadding = 9): Buffer {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    } while (rest > 0n);
    if (this.#random(25) === 0) {
      const room = Math.max(0, mostPadding - bytes.length + 1);
      const padding = this.#rarely()
        ? this.#random(mostPadding + 2)
        : Math.min(this.#random(4), room);
      for (let count = 0; count < padding; count += 1) bytes.push(128);
    }
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) & 127;
    return Buffer.from(bytes);
  }

  /** What the encoding forbids comes up about once in a hostile request. */
  #rarely(): boolean {
    return !this.#legal && this.#random(300) === 0;
  }

  #text(words: readonly string[]): Buffer {
    // Longer than a length of two bytes can say.
    if (this.#random(1_000) === 0) return Buffer.alloc(17_000, 'y');
    return this.#random(10) === 0 ? this.#bytes(this.#random(300)) : Buffer.from(this.#pick(words));
  }

  #id(size: number): Buffer {
    const roll = this.#random(12);
    if (roll === 0) return Buffer.alloc(size);
    return this.#bytes(roll === 1 ? this.#random(20) : size);
  }

  #bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#random(256)));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random(from.length)] as T;
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => [this.#random(1 << 30), item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item);
  }
}

function damaged(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1);
  switch (random(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    default: {
      const copy = Buffer.from(bytes);
      for (let flips = random(6); flips >= 0; flips -= 1) {
        if (copy.length > 0) copy[random(copy.length)] = random(256);
      }
      return copy;
    }
  }
}
