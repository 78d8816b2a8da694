import { generator, type Random } from './hostile-wire.ts';
import { randomRequest, type Json, type JsonObject } from './random-request.ts';

/** What has been done to a request when it was written as JSON. */
export type Oddity =
  | 'space'
  | 'order'
  | 'escapedKey'
  | 'escapedText'
  | 'loneSurrogate'
  | 'null'
  | 'unknown'
  | 'unknownTwice'
  | 'upperHex'
  | 'plainNumber'
  | 'roundNumber'
  // From here on the request is wrong, or may be.
  | 'wrongKind'
  | 'twice'
  | 'damage';

export interface HostileJson {
  body: Buffer;
  oddities: ReadonlySet<Oddity>;
}

const space = [' ', '\n', '\t', '\r', '  \n'];
const ids: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);
/** What no message of OTLP has, in every form that a value of JSON has. */
const strangers: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1.5e-7,
  1e300,
  '',
  '\\"',
  [],
  [[], {}, [1, 'a', null]],
  {},
  { attributes: 7, a: { b: [{ c: {} }] } },
];
const oneOfEachKind: readonly Json[] = [null, true, 7, -7, 0.5, 'zz', '', '7', [], [7], {}, [{}]];

/**
 * A random OTLP/JSON request from a seed, as no sender writes it: white space anywhere, members in any
 * order, escapes in keys and texts, unknown members, null for what is absent, numbers in every form.
 * Half of them are right. In the others values are of a wrong kind, members come twice, or bytes are
 * cut off, thrown in or changed.
 */
export function hostileJson(seed: number, signal: 'traces' | 'logs' = 'traces'): HostileJson {
  const random = generator(seed ^ 0x5bd1e995);
  const oddities = new Set<Oddity>();
  const legal = random(2) === 0;
  const text = new JsonWriter(random, legal, oddities).write(randomRequest(seed, signal), '');
  const bytes = Buffer.from(text);
  if (legal || random(2) === 0) return { body: bytes, oddities };
  oddities.add('damage');
  return { body: damagedJson(bytes, random), oddities };
}

class JsonWriter {
  readonly #random: Random;
  readonly #legal: boolean;
  readonly #oddities: Set<Oddity>;

  constructor(random: Random, legal: boolean, oddities: Set<Oddity>) {
    this.#random = random;
    this.#legal = legal;
    this.#oddities = oddities;
  }

  write(value: Json, key: string): string {
    if (!this.#legal && this.#odd('wrongKind', 400))
      return this.#write(this.#pick(oneOfEachKind), '');
    return this.#write(value, key);
  }

  #write(value: Json, key: string): string {
    if (typeof value === 'string') return this.#string(value, key);
    if (typeof value === 'bigint') return this.#integer(value, key);
    if (Array.isArray(value)) {
      return `[${this.#space()}${value.map((item) => this.write(item, key) + this.#space()).join(`,${this.#space()}`)}]`;
    }
    if (typeof value === 'object' && value !== null) return this.#object(value);
    return JSON.stringify(value);
  }

  #object(value: JsonObject): string {
    let members = Object.entries(value).map(([key, member]) => this.#member(key, member));
    if (this.#odd('null', 60)) {
      const absent = ['attributes', 'name', 'events', 'status', 'code', 'value', 'intValue'].filter(
        (key) => !(key in value),
      );
      members.push(this.#member(this.#pick(absent), null));
    }
    if (this.#odd('unknown', 12)) members.push(this.#stranger('stranger'));
    if (this.#odd('unknownTwice', 100)) {
      members.push(this.#stranger('again'), this.#stranger('again'));
    }
    if (members.length > 1 && this.#odd('order', 3)) members = this.#shuffled(members);
    if (!this.#legal && this.#odd('twice', 120)) {
      members.push(...members.slice(0, 1));
    }
    return `{${this.#space()}${members.join(`${this.#space()},${this.#space()}`)}${this.#space()}}`;
  }

  #member(key: string, value: Json): string {
    const written = this.#odd('escapedKey', 40) ? this.#escaped(key) : JSON.stringify(key);
    return `${written}${this.#space()}:${this.#space()}${this.write(value, key)}`;
  }

  #stranger(key: string): string {
    return this.#member(key, this.#pick(strangers));
  }

  #string(value: string, key: string): string {
    if (ids.has(key) && value !== '' && this.#odd('upperHex', 8))
      return JSON.stringify(value.toUpperCase());
    if (this.#odd('escapedText', 12)) return this.#escaped(value);
    if (!ids.has(key) && this.#odd('loneSurrogate', 60)) {
      return `"${this.#pick(['\\ud83d', '\\uDE00', '\\ud83d\\ud83d\\ude00', '\\ud83dx', '\\ud83d\\n'])}${JSON.stringify(value).slice(1)}`;
    }
    return JSON.stringify(value);
  }

  /** Each character in one of the forms that JSON has for it. */
  #escaped(value: string): string {
    const units = Array.from({ length: value.length }, (_, index) => {
      const hex = value.charCodeAt(index).toString(16).padStart(4, '0');
      const unit = value[index] ?? '';
      if (/[\ud800-\udfff]/.test(unit)) return `\\u${hex}`;
      const forms = [`\\u${hex}`, `\\u${hex.toUpperCase()}`, JSON.stringify(unit).slice(1, -1)];
      return unit === '/' ? '\\/' : this.#pick(forms);
    });
    return `"${units.join('')}"`;
  }

  #integer(value: bigint, key: string): string {
    if (this.#odd('roundNumber', 12)) {
      const round = this.#pick(['1e3', '1.0', '25E+2', '-0', '0e0', '1.5e1', '120e-1']);
      return key === 'intValue' || round !== '-0' ? round : '0.0';
    }
    return this.#odd('plainNumber', 3) ? String(value) : this.#string(String(value), '');
  }

  #space(): string {
    return this.#odd('space', 30) ? this.#pick(space) : '';
  }

  /** Does something odd once in so many times, and remembers it. */
  #odd(oddity: Oddity, onceIn: number): boolean {
    if (this.#random(onceIn) > 0) return false;
    this.#oddities.add(oddity);
    return true;
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

const signs = Buffer.from('{}[]",:\\0123456789-+.eEtfn \n\u0001/');

/** Cuts off, throws in, takes out or changes bytes, preferably by others that mean something. */
function damagedJson(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1);
  const sign = () => (random(4) === 0 ? random(256) : (signs[random(signs.length)] ?? 0));
  switch (random(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([sign()]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    default: {
      const copy = Buffer.from(bytes);
      for (let flips = random(3); flips >= 0; flips -= 1) {
        if (copy.length > 0) copy[random(copy.length)] = sign();
      }
      return copy;
    }
  }
}
