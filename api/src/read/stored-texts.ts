import { tables } from '@failtrace/collector-plugin/schema';
import { stackTextExpiry } from '@failtrace/contract';
import { pointLookup } from './limits.ts';
import { inTraces } from './record-places.ts';
import type { Seconds } from './rows.ts';
import type { Scope } from './scope.ts';
import type { Select } from './select.ts';
import { textExpiresAt } from './text-expiry.ts';

/** A text that a failure needs. */
export interface NeededText {
  /** 32 hex digits. */
  textHash: string;
  /** The trace of the failure. */
  traceId: string;
  /** When the failure expires. */
  expiresAt: Seconds;
}

/** What a stored text is told apart by. */
export function storedTextName({ textHash, expiresAt }: Omit<NeededText, 'traceId'>): string {
  return `${textHash} ${stackTextExpiry(expiresAt)}`;
}

/** So many hashes at once: ClickHouse takes no parameter of more than 128 KiB. */
const mostTexts = 2_000;

/** Queries for the names of those of these texts that are stored; none for none. */
export function storedTextsQueries(texts: readonly NeededText[], scope: Scope): Select<string>[] {
  return Array.from({ length: Math.ceil(texts.length / mostTexts) }, (_, index) =>
    storedTextsQuery(texts.slice(index * mostTexts, (index + 1) * mostTexts), scope),
  );
}

function storedTextsQuery(texts: readonly NeededText[], scope: Scope): Select<string> {
  const { sql: condition, params } = inTraces(
    [...new Set(texts.map(({ traceId }) => traceId))],
    scope,
  );
  return {
    sql: `
      SELECT DISTINCT text_hash, toUInt32(expires_at) FROM ${tables.stackTexts}
      WHERE chunk = 0
        AND text_hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
        AND (text_hash, expires_at) IN (
          SELECT arrayJoin([CAST(text_hash AS FixedString(16)), message_hash]), ${textExpiresAt}
          FROM ${tables.runRecords}
          WHERE ${condition}
        )`,
    params: { ...params, hashes: [...new Set(texts.map(({ textHash }) => textHash))] },
    settings: pointLookup,
    decode: (row) => `${row.fixedHex(16)} ${row.uint32()}`,
  };
}
