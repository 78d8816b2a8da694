import { createHash } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { ROW_MESSAGE_BYTES, tables } from '@failtrace/collector-plugin/schema';
import type { Ledger } from '../load/ledger.ts';
import { failureOf, NAMESPACE, numberOf, traceIdOf } from '../load/failures.ts';
import type { Findings } from './findings.ts';
import { createNumbers, type Numbers } from './numbers.ts';

/** What stands in the tables. */
export interface Stored {
  /** The failures that are there, by their numbers. */
  present: Numbers;
  /** Rows that stand there again because a sender tried again; readers do not see them. */
  repeatedRows: number;
}

/** So many failures are looked at by one query. */
const SLICE = 100_000;

/*
 * One row for each trace, as each has one failure. What makes two rows the same failure is what the reader
 * goes by: the span, and all that was recorded of the exception; not the time, which the receiver may set.
 */
const failuresByTrace = `
  SELECT
    lower(hex(trace_id)) AS trace,
    any(run_id) AS run,
    any(toString(service)) AS service_name,
    any(toString(error_type)) AS type,
    lower(hex(MD5(any(error_message)))) AS message_md5,
    any(message_bytes) AS bytes,
    toUInt32(uniqExact(span_id, run_id, error_type, error_message, message_hash, text_hash, template_form, cuts)) AS failures,
    toUInt32(count()) AS rows
  FROM ${tables.runRecords}
  WHERE source != 'none' AND namespace = '${NAMESPACE}'
    AND reinterpretAsUInt8(substring(trace_id, 16, 1)) % {slices:UInt8} = {slice:UInt8}
  GROUP BY trace_id`;

/** A text may be missing only where somebody has taken it away. */
const withoutText = `
  SELECT lower(hex(trace_id)) AS trace
  FROM ${tables.runRecords}
  WHERE (text_hash != toFixedString('', 16) AND text_hash NOT IN (SELECT text_hash FROM ${tables.stackTexts}))
    OR (message_hash != toFixedString('', 16) AND message_hash NOT IN (SELECT text_hash FROM ${tables.stackTexts}))`;

interface Row {
  trace: string;
  run: string;
  service_name: string;
  type: string;
  message_md5: string;
  bytes: number;
  failures: number;
  rows: number;
}

/**
 * Compares the ledger with the tables, past failtrace: each claimed failure must stand there once, as it was
 * sent, and nothing that was never sent.
 */
export async function compareBySql(
  url: string,
  ledger: Ledger,
  findings: Findings,
): Promise<Stored> {
  const client = createClient({ url });
  try {
    const present = createNumbers(ledger.sent());
    const claimed = createNumbers(ledger.sent(), ledger.claimed());
    let repeatedRows = 0;
    const slices = Math.min(128, Math.ceil(ledger.sent() / SLICE) || 1);
    for (let slice = 0; slice < slices; slice += 1) {
      const result = await client.query({
        query: failuresByTrace,
        query_params: { slices, slice },
        format: 'JSONEachRow',
      });
      for await (const rows of result.stream<Row>()) {
        for (const row of rows) repeatedRows += look(row.json());
      }
    }
    for (const { first, count } of ledger.claimed()) {
      for (let number = first; number < first + count; number += 1) {
        if (!present.has(number)) findings.add('lost', `${nameOf(ledger, number)} has no row`);
      }
    }
    const missing = await client.query({ query: withoutText, format: 'JSONEachRow' });
    for (const { trace } of await missing.json<{ trace: string }>()) {
      if (!claimed.has(numberOf(trace))) continue;
      findings.add('lost', `${nameOf(ledger, numberOf(trace))} has a row and no text`);
    }
    return { present, repeatedRows };

    function look(row: Row): number {
      const number = numberOf(row.trace);
      if (row.trace !== traceIdOf(ledger.series.tag, number) || number >= ledger.sent()) {
        findings.add('wrong', `trace ${row.trace} was never sent`);
        return 0;
      }
      present.add(number);
      if (row.failures !== 1) {
        findings.add('doubled', `${nameOf(ledger, number)} stands as ${row.failures} failures`);
      } else if (claimed.has(number)) {
        const differs = differenceOf(ledger, number, row);
        if (differs) findings.add('wrong', `${nameOf(ledger, number)}: ${differs} in the table`);
      }
      return row.rows - 1;
    }
  } finally {
    await client.close();
  }
}

function differenceOf({ series }: Ledger, number: number, row: Row): string | undefined {
  const sent = failureOf(series, number);
  const message = Buffer.from(sent.message);
  const kept = message.subarray(0, ROW_MESSAGE_BYTES);
  const pairs = {
    run: [row.run, sent.runId],
    service: [row.service_name, sent.service],
    type: [row.type, sent.errorType],
    message: [row.message_md5, createHash('md5').update(kept).digest('hex')],
    'length of the message': [row.bytes, message.length],
  };
  return Object.entries(pairs).find(([, [is, was]]) => is !== was)?.[0];
}

function nameOf({ series }: Ledger, number: number): string {
  return `${series.tag}_${number}`;
}

/** How many of the failures have a row. */
export async function countStored(url: string): Promise<number> {
  const client = createClient({ url });
  try {
    const result = await client.query({
      query: `SELECT toUInt32(uniqExact(trace_id)) AS count FROM ${tables.runRecords} WHERE source != 'none' AND namespace = '${NAMESPACE}'`,
      format: 'JSONEachRow',
    });
    const [row] = await result.json<{ count: number }>();
    return row?.count ?? 0;
  } finally {
    await client.close();
  }
}
