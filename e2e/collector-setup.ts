import type { TestProject } from 'vitest/node';
import buildOnce from './collector/build-once.ts';
import { CollectorError } from './collector/collector-errors.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Collector on this machine, in one line; '' when there is one. */
    collectorMissing: string;
  }
}

/**
 * Vitest's global setup: finds or builds the Collector. Where there is none and none can be built,
 * the tests that need it are left out, by name and with this reason.
 */
export default async function setup(project: TestProject): Promise<void> {
  let missing = '';
  try {
    await buildOnce();
  } catch (error) {
    if (!(error instanceof CollectorError) || error.code !== 'collector_unavailable') throw error;
    missing = error.message;
  }
  project.provide('collectorMissing', missing);
}
