import type { ClickHouseClient } from '@clickhouse/client';
import { readRows } from './read-rows.ts';
import { tables } from './schema.ts';

/** A text in one of the places where it is kept. */
export interface TextPlace {
  /** 0 where there is no cluster. */
  shard: number;
  hash: Buffer;
  /** Seconds since the Unix epoch. */
  expiresAt: number;
  chunks: number;
}

/** So many texts are looked for at once; a batch that relies on more writes them again. */
export const MOST_LOOKED_FOR = 200;

/** A name for a text in its place, short enough to be remembered a hundred thousand times. */
export function placeName({ shard, hash, expiresAt }: Omit<TextPlace, 'chunks'>): string {
  return `${shard} ${expiresAt} ${hash.toString('hex')}`;
}

/**
 * Whether ClickHouse has all of these texts whole. What was stored once need not be there any more: a table can be
 * emptied, a partition dropped, and an older copy of everything put back in its place, and nobody tells the writer.
 *
 * @param places at most {@link MOST_LOOKED_FOR}
 */
export async function hasTexts(
  client: ClickHouseClient,
  places: readonly TextPlace[],
  deadline: AbortSignal,
): Promise<boolean> {
  const expiries = places.map(({ expiresAt }) => expiresAt);
  const shard = places.some((place) => place.shard > 0) ? '_shard_num' : '0';
  const found = await readRows<Record<'shard' | 'hash' | 'expiresAt' | 'chunks', string | number>>(
    client,
    {
      // By day first, which is one partition or two of all that are kept.
      query: `SELECT toUInt32(${shard}) AS shard, lower(hex(text_hash)) AS hash,
          toUInt32(expires_at) AS expiresAt, toUInt32(uniqExact(chunk)) AS chunks
        FROM ${tables.stackTexts}
        WHERE expires_at >= toDateTime({first:UInt32}, 'UTC') AND expires_at <= toDateTime({last:UInt32}, 'UTC')
          AND text_hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
        GROUP BY shard, text_hash, expires_at`,
      query_params: {
        first: Math.min(...expiries),
        last: Math.max(...expiries),
        hashes: [...new Set(places.map(({ hash }) => hash.toString('hex')))],
      },
      clickhouse_settings: { max_threads: 1 },
      abort_signal: deadline,
    },
  );
  const chunksOf = new Map(
    found.map((of) => [`${of.shard} ${of.expiresAt} ${of.hash}`, Number(of.chunks)]),
  );
  return places.every((place) => chunksOf.get(placeName(place)) === place.chunks);
}
