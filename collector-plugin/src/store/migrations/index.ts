import { failures } from './0001-failures.ts';
import type { TableDefinition } from '../table-definition.ts';
import type { Migration } from './migration.ts';

/** Every migration, in order. */
export const migrations: readonly Migration[] = [failures];

/** The tables that migrations make, in order. */
export function createdTables(of: readonly Migration[]): TableDefinition[] {
  return of.flatMap(({ steps }) =>
    steps.flatMap((step) => ('create' in step ? [step.create] : [])),
  );
}
