import type { TableDefinition } from '../table-definition.ts';

/** One step of the schema. A step that has been released is never changed, only followed. */
export interface Migration {
  /** Counts up from 1 without gaps. */
  version: number;
  name: string;
  /** Done one after the other; see {@link SchemaStep}. */
  steps: readonly SchemaStep[];
}

/**
 * What a migration does, as data: on one server and in a cluster it becomes different statements
 * (`table-statements.ts`). ClickHouse has no transaction over them, so each can be done again, after a
 * start that was cut off or beside another one.
 */
export type SchemaStep =
  /** Makes a table, where there is none of its name. */
  | { create: TableDefinition }
  /**
   * Changes a table: `change` is what follows `ALTER TABLE name`, and does nothing the second time
   * (`ADD COLUMN IF NOT EXISTS …`). What readers and writers do not see, such as an index, is of the
   * `rows` alone.
   */
  | { alter: string; change: string; of: 'columns' | 'rows' };
