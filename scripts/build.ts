import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Emits dist/ for publishing. In development nothing is built: Node runs the sources. */
const root = path.join(import.meta.dirname, '..');
rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

// Says what a consumer of the package would trip over: a bin that is missing, a field that points nowhere.
const { messages, pkg } = await publint({ pkgDir: root, pack: 'npm' });
for (const message of messages) console.error(formatMessage(message, pkg));
process.exitCode = messages.some(({ type }) => type === 'error') ? 1 : 0;
