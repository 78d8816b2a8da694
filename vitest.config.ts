import { defineConfig } from 'vitest/config';
import { summaryReporter } from './e2e/summary-reporter.ts';

/** `npm test`: everything that needs no more than npm's packages. */
export default defineConfig({
  test: {
    projects: ['./vitest.unit.config.ts', './e2e/vitest.config.ts'],
    reporters: ['default', summaryReporter()],
  },
});
