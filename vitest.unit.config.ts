import { defineConfig } from 'vitest/config';

/** Tests beside the sources, with one real ClickHouse for all of them. */
export default defineConfig({
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    name: 'unit',
    include: ['*/src/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/*.test.ts'],
    globalSetup: './vitest.setup.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
