import { spawn, spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Runs the printed line as a person who pastes it into a shell; where the machine has no curl, sends what curl would send. */
export async function pastedCurl(line: string): Promise<string> {
  return spawnSync('curl', ['--version']).status === 0 ? await inShell(line) : await likeCurl(line);
}

async function inShell(line: string): Promise<string> {
  const child = spawn('bash', ['-c', line], { stdio: ['ignore', 'pipe', 'ignore'] });
  return await text(child.stdout);
}

async function likeCurl(line: string): Promise<string> {
  // The line quotes with single quotes only, and has none inside them.
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const headers: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const [name, value] = /^([^:]+): (.*)$/.exec(words[index + 1] ?? '')?.slice(1) ?? [];
    if (word === '-H' && name !== undefined && value !== undefined) headers[name] = value;
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(words[1] ?? '', { method: 'POST', headers }, (answer) => void text(answer).then(resolve, reject));
  asked.once('error', reject);
  asked.end(words[words.indexOf('-d') + 1]);
  return await promise;
}
