import { tables } from '@failtrace/collector-plugin/schema';
import type { RunFilters } from './candidates.ts';
import { scopeCondition } from './scope.ts';
import type { Scope } from './scope.ts';

/** The SQL condition of what the list is narrowed down to by name, over `service` and `namespace`. */
export function filterCondition({ service, namespace }: RunFilters): string {
  const conditions = [
    service !== '' && 'service = {service:String}',
    namespace !== undefined && 'namespace = {namespace:String}',
  ];
  return conditions.filter(Boolean).join(' AND ') || 'true';
}

/** The query parameters of {@link filterCondition} and of a search. */
export function filterParams({ service, namespace, q }: RunFilters): Record<string, unknown> {
  return { service, q, ...(namespace !== undefined && { namespace }) };
}

/**
 * A subquery for the traces of failures that contain what is searched for, over the parameters `q` and
 * `from`. A failure counts when it is up to a day older than what it may have failed. Only those in scope
 * do: a search must not tell what stands in the messages of others.
 *
 * @param among which failures to look into; each message that is looked into costs its length
 */
export function tracesWithText(scope: Scope, among: string): string {
  return `
    SELECT trace_id
    FROM ${tables.failures}
    WHERE ${scopeCondition(scope)}
      AND occurred_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') - INTERVAL 1 DAY
      AND ${among}
      AND (
        positionCaseInsensitiveUTF8(error_type, {q:String}) > 0
        OR positionCaseInsensitiveUTF8(error_message, {q:String}) > 0
      )`;
}
