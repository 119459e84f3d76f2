import { defineConfig } from 'vitest/config';

/** The long run: the same suites with many more cases, and the suites named *.long.test.ts. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/*.fault.test.ts', '**/node_modules/**'],
    globalSetup: ['tests/support/postgres/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
  },
});
