/** The parts of `package-lock.json` (lockfileVersion 3) that are looked at. */
export interface Lock {
  packages: Record<string, { link?: boolean; integrity?: string; resolved?: string }>;
}

/**
 * Says what makes a lock file unsafe to install from: an entry whose tarball nobody checks, or one
 * that names the registry to fetch from, which is for the machine that installs to choose.
 *
 * @returns one line for each problem; none for a lock file that is in order.
 */
export function lockProblems({ packages }: Lock): string[] {
  return Object.entries(packages)
    .filter(([place, entry]) => place.includes('node_modules/') && entry.link !== true)
    .flatMap(([place, { integrity, resolved }]) => [
      ...(integrity?.startsWith('sha512-') ? [] : [`${place} has no sha512 integrity`]),
      ...(resolved === undefined ? [] : [`${place} names where it is fetched from: ${resolved}`]),
    ]);
}
