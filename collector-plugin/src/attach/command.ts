import { parseArgs } from 'node:util';
import { SettingError } from '@failtrace/contract/server';
import ms, { type StringValue } from 'ms';

/** What `failtrace-collector` was asked to do. */
export interface Command {
  action: 'attach' | 'detach';
  /** The database of the exporter's tables; by default that of `CLICKHOUSE_URL`. */
  database: string | undefined;
  traces: string;
  logs: string;
  /** So much of the past is taken, in milliseconds; 0 for nothing. */
  backfillMs: number;
}

export const USAGE = `Usage: failtrace-collector attach [--database <name>] [--traces otel_traces] [--logs otel_logs] [--backfill 7d]
       failtrace-collector detach

attach   makes views over the tables of the Collector's ClickHouse exporter: what it stores from now on, failtrace has
         as well. --backfill takes what is there already. Safe to repeat.
detach   takes the views away again.

CLICKHOUSE_URL names failtrace's own database on the same server, --database that of the exporter where it is another.
FAILTRACE_RETENTION, FAILTRACE_RUN_ID_ATTRIBUTES and FAILTRACE_FSYNC mean the same as for the receiver.`;

const LONGEST_BACKFILL_MS = ms('10y');

/** @throws SettingError says what is not understood, and how the command is used */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [action, ...more] = positionals;
  if (more.length > 0 || (action !== 'attach' && action !== 'detach')) {
    throw new SettingError(`"${positionals.join(' ')}" is no command.\n\n${USAGE}`);
  }
  return {
    action,
    database: values.database,
    traces: values.traces,
    logs: values.logs,
    backfillMs: values.backfill === undefined ? 0 : durationOf(values.backfill),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        traces: { type: 'string', default: 'otel_traces' },
        logs: { type: 'string', default: 'otel_logs' },
        backfill: { type: 'string' },
      },
    });
  } catch (error) {
    throw new SettingError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function durationOf(text: string): number {
  const duration = /^\d{1,6}\s?[a-z]+$/i.test(text) ? ms(text as StringValue) : Number.NaN;
  if (duration > 0 && duration <= LONGEST_BACKFILL_MS) return duration;
  throw new SettingError(
    `--backfill "${text}" is not understood. Allowed: a number and a unit, up to 10y, such as 7d.`,
  );
}
