/**
 * What must never be:
 *
 * - `lost`: acknowledged, and not there
 * - `doubled`: there more than once, as a reader counts
 * - `wrong`: there, but not byte for byte as it was sent
 * - `refused`: an answer that makes a sender drop what could be stored
 * - `untrue`: a reader was told something that is not so
 * - `stuck`: the fault is over, and it does not go on
 */
export const FINDINGS = ['lost', 'doubled', 'wrong', 'refused', 'untrue', 'stuck'] as const;
export type Finding = (typeof FINDINGS)[number];

const EXAMPLES = 5;

/** What was found, counted, with the first few of each kind. */
export interface Findings {
  add(finding: Finding, example: string, count?: number): void;
  count(finding: Finding): number;
  /** One line for each kind that was found. */
  lines(): string[];
}

export function createFindings(): Findings {
  const found = new Map<Finding, { count: number; examples: string[] }>();
  return {
    add(finding, example, count = 1) {
      const { count: before, examples } = found.get(finding) ?? { count: 0, examples: [] };
      const kept = examples.length < EXAMPLES ? [...examples, example] : examples;
      found.set(finding, { count: before + count, examples: kept });
    },
    count: (finding) => found.get(finding)?.count ?? 0,
    lines: () =>
      FINDINGS.flatMap((finding) => {
        const { count, examples } = found.get(finding) ?? { count: 0, examples: [] };
        return count === 0 ? [] : [`${count} ${finding}: ${examples.join('; ')}`];
      }),
  };
}
