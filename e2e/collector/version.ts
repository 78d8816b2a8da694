/** True when `version` is `minimum` or later, both as `major.minor.patch`; false when unreadable. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [actual, wanted] = [parts(version), parts(minimum)];
  for (const [index, part] of wanted.entries()) {
    const own = actual[index] ?? Number.NaN;
    if (own !== part) return own > part;
  }
  return true;
}

function parts(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}
