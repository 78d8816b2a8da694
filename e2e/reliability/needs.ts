import { existsSync } from 'node:fs';
import { resolveCollector } from '../collector/resolve-collector.ts';
import type { Need } from './faults/fault.ts';
import { canMount, canThrottle } from './parts/disk.ts';

/** Debian's package `libfaketime` has it, for programs with threads. */
export const FAKETIME_LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

const needs: Readonly<Record<Need, { isThere: () => Promise<boolean>; what: string }>> = {
  disk: { isThere: async () => canMount(), what: 'root, and loop devices' },
  throttle: { isThere: async () => canThrottle(), what: "the first version of cgroups' blkio" },
  faketime: {
    isThere: async () => existsSync(FAKETIME_LIBRARY),
    what: "Debian's package libfaketime",
  },
  collector: {
    isThere: () =>
      resolveCollector().then(
        () => true,
        () => false,
      ),
    what: 'an otelcol-contrib, or Go to build one',
  },
};

/** What is missing here of what a fault needs, in words; undefined when nothing is. */
export async function missingOf(fault: { needs?: readonly Need[] }): Promise<string | undefined> {
  for (const need of fault.needs ?? []) {
    const { isThere, what } = needs[need];
    if (!(await isThere())) return what;
  }
  return undefined;
}
