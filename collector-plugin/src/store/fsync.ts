/**
 * Settings of a table by which an insert is answered, and a merge puts its part in the place of others, only
 * when the disk itself has the rows. Without them the kernel writes when it likes, mostly half a minute later,
 * and a loss of power takes what was acknowledged until then.
 */
const FSYNC_SETTINGS = [
  'fsync_after_insert',
  'fsync_part_directory',
  'min_rows_to_fsync_after_merge',
] as const;

/** The settings, as `CREATE TABLE … SETTINGS` and `MODIFY SETTING` want them. */
export function fsyncSettings(fsync: boolean): string {
  return FSYNC_SETTINGS.map((name) => `${name} = ${Number(fsync)}`).join(', ');
}

/**
 * Whether a table has them, one way or the other.
 *
 * @param definition `engine_full` of `system.tables`, which shows a flag as a number or as a word, by how it was set
 */
export function hasFsyncSettings(definition: string, fsync: boolean): boolean {
  const value = fsync ? '(1|true)' : '(0|false)';
  return FSYNC_SETTINGS.every((name) => new RegExp(`\\b${name} = ${value}\\b`).test(definition));
}
