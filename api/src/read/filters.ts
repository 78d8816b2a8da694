import type { RunFilters } from './candidates.ts';

/** The SQL condition of what the list is narrowed down to by name, over `service` and `namespace`. */
export function filterCondition({ service, namespace }: RunFilters): string {
  const conditions = [
    service !== '' && 'service = {service:String}',
    namespace !== undefined && 'namespace = {namespace:String}',
  ];
  return conditions.filter(Boolean).join(' AND ') || 'true';
}

/** The query parameters of {@link filterCondition}. */
export function filterParams({ service, namespace }: RunFilters): Record<string, unknown> {
  return { service, ...(namespace !== undefined && { namespace }) };
}
