import { defineConfig } from 'vitest/config';
import { summaryReporter } from './summary-reporter.ts';

/** What needs other languages and their registries: the OpenTelemetry SDKs of Python, Go and Java. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    include: ['other-sdks.test.ts', 'quiet-sdks.test.ts'],
    reporters: ['default', summaryReporter()],
    // The first run fetches and builds.
    testTimeout: 600_000,
    hookTimeout: 180_000,
  },
});
