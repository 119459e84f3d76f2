import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { bundle } from './bundle.ts';

/** Makes dist/ for publishing. In development nothing is built: Node runs the sources. */
const root = path.join(import.meta.dirname, '..');
const { status } = spawnSync('tsc', ['--noEmit'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
await bundle(path.join(root, 'dist'));

// Says what a consumer of the package would trip over: a bin that is missing, a field that points nowhere.
const { messages, pkg } = await publint({ pkgDir: root, pack: 'npm' });
for (const message of messages) console.error(formatMessage(message, pkg));
process.exitCode = messages.some(({ type }) => type === 'error') ? 1 : 0;
