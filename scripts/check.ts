import { spawnSync } from 'node:child_process';

/** The gate: every step, each with its time; the first that fails ends it. `--static` leaves the tests out. */
const fast = [
  'check:node',
  'check:format',
  'check:lint',
  'check:types',
  'check:layers',
  'check:money',
  'check:docs',
  'check:dead-code',
];
const steps = process.argv.includes('--static') ? fast : [...fast, 'test'];

for (const step of steps) {
  const startedAt = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', step], { stdio: 'inherit' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${step} (${seconds} s)`);
  if (status !== 0) process.exit(1);
}
