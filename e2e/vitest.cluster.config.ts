import { defineConfig } from 'vitest/config';
import { summaryReporter } from './summary-reporter.ts';

/** What needs several ClickHouse servers, or a ZooKeeper. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    include: ['cluster/*.test.ts'],
    reporters: ['default', summaryReporter()],
    // One after the other: each starts two servers and programs besides.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
