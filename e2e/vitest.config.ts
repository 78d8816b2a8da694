import { defineConfig } from 'vitest/config';
import { summaryReporter } from './summary-reporter.ts';

/** What needs nothing but npm's packages: ClickHouse and a browser among them. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    include: ['*.test.ts', '{collector,reliability}/*.test.ts'],
    // Each has a configuration of its own, because of what it needs.
    exclude: [
      'other-sdks.test.ts',
      'quiet-sdks.test.ts',
      'collector-chain.test.ts',
      'collector/collector.test.ts',
      'attach.test.ts',
    ],
    reporters: ['default', summaryReporter()],
    // Real processes on what may be a small, busy machine: a limit says that something hangs.
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
