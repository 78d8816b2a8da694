import { droppedAt, failureExpiry, stackTextExpiry } from '@failtrace/contract';
import type { Extracted, SpanContext } from '../extract/failure.ts';
import { placeName, type TextPlace } from './known-texts.ts';
import { runKey } from './record-key.ts';
import { RowBinaryBuffer } from './row-binary-buffer.ts';
import {
  keyOfTrace,
  momentOfFailure,
  namedRunId,
  storedTexts,
  writeFailure,
  writeKey,
  writeRunSpan,
  writeText,
  type RecordKey,
  type StoredText,
} from './rows.ts';
import { ShardedRows } from './sharded-rows.ts';
import { shardOfTrace, type ShardSlots } from './shards.ts';
import { chunksOf } from './stack-text.ts';
import { spansOfFailures } from './spans-of-failures.ts';

/** Texts that ClickHouse has taken once, by {@link placeName}. Whether it has them still is asked for each batch. */
export interface KnownTexts {
  has(key: string): boolean;
  set(key: string, known: true): unknown;
}

/** What goes to ClickHouse together, and who waits for it. */
export class Batch {
  readonly records = new RowBinaryBuffer();
  readonly keys = new ShardedRows();
  readonly stackTexts = new ShardedRows();
  /** Texts that were stored before, by their rows: to be written again where they are gone. */
  readonly reliedTexts = new ShardedRows();
  readonly #newTexts = new Set<string>();
  readonly #relied = new Map<string, TextPlace>();
  readonly #newKeys = new Set<string>();
  readonly done: Promise<void>;
  #settle: { resolve: () => void; reject: (error: Error) => void };

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#settle = { resolve, reject };
  }

  get rows(): number {
    return this.records.rows;
  }

  get byteLength(): number {
    const texts = this.stackTexts.byteLength + this.reliedTexts.byteLength;
    return this.records.byteLength + this.keys.byteLength + texts;
  }

  /** Where the texts should be that were stored before. */
  get reliedPlaces(): TextPlace[] {
    return [...this.#relied.values()];
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
    const expiry = { expiresAt, droppedAt: droppedAt(expiresAt, retentionMs) };
    const textExpiresAt = stackTextExpiry(expiresAt);
    const { spanOf, others } = spansOfFailures(extracted);
    for (const failure of extracted.failures) {
      const texts = storedTexts(failure);
      writeFailure(this.records, failure, spanOf.get(failure), texts, expiry);
      // Beside its record: then who reads finds all of it on one server.
      const shard = shardOfTrace(slots, failure.traceId);
      this.#addKeys(failure, momentOfFailure(failure), shard, expiry.droppedAt);
      for (const text of [texts.stack, texts.message]) {
        if (text) this.#addText(text, shard, textExpiresAt, knownTexts);
      }
    }
    for (const runSpan of others) {
      writeRunSpan(this.records, runSpan, expiry);
      const runId = namedRunId(runSpan);
      const shard = shardOfTrace(slots, runSpan.traceId);
      this.#addKeys({ ...runSpan, runId }, runSpan.endedAt, shard, expiry.droppedAt);
    }
  }

  #addKeys(context: SpanContext, at: bigint, shard: number, droppedAtSecond: number): void {
    const ofTrace = keyOfTrace(context, at);
    this.#addKey(ofTrace, shard, droppedAtSecond);
    if (context.runId.length === 0) return;
    const ofRun = { ...ofTrace, key: runKey(context.runId), traceKey: ofTrace.key };
    this.#addKey(ofRun, shard, droppedAtSecond);
  }

  /** A trace that throws in a loop has very many records in the same second. */
  #addKey(key: RecordKey, shard: number, droppedAtSecond: number): void {
    const { namespace, service } = key;
    const name = `${shard} ${droppedAtSecond} ${key.key} ${key.traceKey} ${key.second} ${namespace.length} ${namespace.toString('latin1')}${service.toString('latin1')}`;
    if (this.#newKeys.has(name)) return;
    this.#newKeys.add(name);
    writeKey(this.keys.of(shard), key, droppedAtSecond);
  }

  #addText(text: StoredText, shard: number, expiresAt: number, knownTexts: KnownTexts): void {
    const { hash, content } = text;
    const name = placeName({ shard, hash, expiresAt });
    if (this.#newTexts.has(name) || this.#relied.has(name)) return;
    if (knownTexts.has(name)) {
      this.#relied.set(name, { shard, hash, expiresAt, chunks: chunksOf(content).length });
      writeText(this.reliedTexts.of(shard), text, expiresAt);
    } else {
      this.#newTexts.add(name);
      writeText(this.stackTexts.of(shard), text, expiresAt);
    }
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
