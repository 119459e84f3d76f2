#!/usr/bin/env node
import { systemClock } from '../telemetry/clock.ts';
import { createProgram } from './program.ts';
import { explainFailure } from './exit-code.ts';
import { createTerminal } from './terminal.ts';

const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, ticks: () => systemClock.ticks() });

// A reader that goes away early (`flashmux models ls | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await createProgram({ terminal, environment: process.env, stdin: process.stdin }).parseAsync(process.argv);
} catch (error) {
  process.exitCode = explainFailure(error, terminal);
}
