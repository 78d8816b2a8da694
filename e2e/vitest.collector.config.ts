import { defineConfig } from 'vitest/config';
import { summaryReporter } from './summary-reporter.ts';

/** What needs a real Collector: one from the PATH, or one that is built with Go. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    include: ['collector/collector.test.ts', 'collector-chain.test.ts', 'attach.test.ts'],
    globalSetup: './collector-setup.ts',
    setupFiles: './collector-needed.ts',
    reporters: ['default', summaryReporter()],
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
