import { systemClock } from '../telemetry/clock.ts';
import { createProgram } from './program.ts';
import { explainFailure } from './exit-code.ts';
import { createTerminal } from './terminal.ts';

const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, ticks: () => systemClock.ticks() });

// A reader that goes away early (`flashmux models ls | head -1`) is no failure.
// A command that has something to clean up ends as at Ctrl-C.
let readerLeft = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (readerLeft) return;
  readerLeft = true;
  if (!process.emit('SIGINT')) process.exit(0);
});

try {
  await createProgram({ terminal, environment: process.env, stdin: process.stdin }).parseAsync(process.argv);
} catch (error) {
  process.exitCode = readerLeft ? 0 : explainFailure(error, terminal);
}
