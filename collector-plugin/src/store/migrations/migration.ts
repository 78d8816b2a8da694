/** One step of the schema. A step that has been released is never changed, only followed. */
export interface Migration {
  /** Counts up from 1 without gaps. */
  version: number;
  name: string;
  /**
   * Run one after the other, each on its own: ClickHouse has no transaction over them. So each must
   * be safe to run again (`IF NOT EXISTS`), after a start that was cut off or beside another one.
   *
   * @param qualified gives a table's name with its database, quoted.
   */
  statements: (qualified: (table: string) => string) => readonly string[];
}
