import { defineConfig } from 'vitest/config';

/** CI asks for a machine-readable report beside the usual one. */
const report = process.env['FLASHMUX_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['**/*.long.test.ts', '**/*.fault.test.ts', '**/node_modules/**'],
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
    globalSetup: ['tests/support/postgres/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
