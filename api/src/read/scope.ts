/**
 * The part of the data that a caller may read: spans and failures of these namespaces and these
 * services. `'*'` stands for all of them. Rows outside are treated as if they did not exist.
 */
export interface Scope {
  namespaces: '*' | readonly string[];
  services: '*' | readonly string[];
}

/**
 * The SQL condition of a scope, over the columns `namespace` and `service`. It has no more parts
 * than it needs: ClickHouse takes longer to plan a point look-up than to run it.
 */
export function scopeCondition({ namespaces, services }: Scope): string {
  const conditions = [
    namespaces !== '*' && 'namespace IN {scope_namespaces:Array(String)}',
    services !== '*' && 'service IN {scope_services:Array(String)}',
  ];
  return conditions.filter(Boolean).join(' AND ') || 'true';
}

/** The query parameters that {@link scopeCondition} names. */
export function scopeParams({ namespaces, services }: Scope): Record<string, unknown> {
  return {
    ...(namespaces !== '*' && { scope_namespaces: namespaces }),
    ...(services !== '*' && { scope_services: services }),
  };
}
