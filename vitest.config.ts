import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['failtrace-source'] } },
  test: {
    include: ['*/src/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: './vitest.setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
