import type { Extracted } from '../extract/failure.ts';
import { failureExpiry, stackTextExpiry } from '@failtrace/contract';
import { RowBinaryBuffer } from './row-binary-buffer.ts';
import { shardOfTrace, type ShardSlots } from './shards.ts';
import { storedTexts, type StoredText, writeFailure, writeRunSpan, writeText } from './rows.ts';

/** Texts that ClickHouse is known to hold, by shard, hash and day of expiry. */
export interface KnownTexts {
  has(key: string): boolean;
  set(key: string, known: true): unknown;
}

/** What goes to ClickHouse together, and who waits for it. */
export class Batch {
  readonly failures = new RowBinaryBuffer();
  readonly runSpans = new RowBinaryBuffer();
  /** By the number of the shard that they are for; 0 where there is no cluster. */
  readonly stackTexts = new Map<number, RowBinaryBuffer>();
  readonly #newTexts = new Set<string>();
  readonly done: Promise<void>;
  #settle: { resolve: () => void; reject: (error: Error) => void };

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#settle = { resolve, reject };
  }

  get rows(): number {
    return this.failures.rows + this.runSpans.rows;
  }

  get byteLength(): number {
    let texts = 0;
    for (const rows of this.stackTexts.values()) texts += rows.byteLength;
    return this.failures.byteLength + this.runSpans.byteLength + texts;
  }

  /** Encodes the records, so that the request's body they are views of can be let go. */
  add(
    extracted: Extracted,
    {
      knownTexts,
      slots,
      nowMs,
      retentionMs,
    }: {
      knownTexts: KnownTexts;
      slots: ShardSlots;
      nowMs: number;
      retentionMs: number;
    },
  ): void {
    const expiresAt = failureExpiry(nowMs, retentionMs);
    const textExpiresAt = stackTextExpiry(expiresAt);
    for (const failure of extracted.failures) {
      const texts = storedTexts(failure);
      writeFailure(this.failures, failure, texts, expiresAt);
      // Beside its failure: then who reads finds both on one server.
      const shard = shardOfTrace(slots, failure.traceId);
      for (const text of [texts.stack, texts.message]) {
        if (text) this.#addText(text, shard, textExpiresAt, knownTexts);
      }
    }
    for (const runSpan of extracted.runSpans) writeRunSpan(this.runSpans, runSpan, expiresAt);
  }

  #addText(text: StoredText, shard: number, expiresAt: number, knownTexts: KnownTexts): void {
    const key = `${shard} ${expiresAt} ${text.hash.toString('latin1')}`;
    if (knownTexts.has(key) || this.#newTexts.has(key)) return;
    this.#newTexts.add(key);
    const rows = this.stackTexts.get(shard) ?? new RowBinaryBuffer();
    this.stackTexts.set(shard, rows);
    writeText(rows, text, expiresAt);
  }

  /** ClickHouse has taken everything. */
  stored(knownTexts: KnownTexts): void {
    for (const key of this.#newTexts) knownTexts.set(key, true);
    this.#settle.resolve();
  }

  failed(error: Error): void {
    this.#settle.reject(error);
  }
}
