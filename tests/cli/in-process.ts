import { PassThrough } from 'node:stream';
import { explainFailure } from '../../src/cli/exit-code.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import type { Ended } from './flashmux-process.ts';

/** The same program without a process of its own, which saves a second for each command. */
export async function flashmuxInProcess(words: readonly string[], home: string): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = createTerminal({ stdout, stderr, ticks: () => 0 });
  let code = 0;
  try {
    const environment = { FLASHMUX_HOME: home, FLASHMUX_ENGINE__PULL: 'false' };
    await createProgram({ terminal, environment, stdin: new PassThrough() }).parseAsync(words, { from: 'user' });
  } catch (error) {
    code = explainFailure(error, terminal);
  }
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
