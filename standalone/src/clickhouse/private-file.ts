import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that this process's user alone can read. What has the name already is replaced, not
 * written to, be it a file that somebody else holds open or a symbolic link.
 */
export function writePrivateFile(file: string, text: string): void {
  const fresh = `${file}.new`;
  // Left by a start that was killed in between.
  rmSync(fresh, { force: true });
  writeFileSync(fresh, text, { flag: 'wx', mode: 0o600 });
  renameSync(fresh, file);
}
