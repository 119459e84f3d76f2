import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: the faults of docs/reliability.md on real parts, one after the other; nothing else should run meanwhile. */
export default defineConfig({
  test: {
    include: ['tests/faults/**/*.fault.test.ts'],
    globalSetup: ['tests/support/postgres/global-setup.ts'],
    reporters: ['default', './tests/faults/support/figures-reporter.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
  },
});
