import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** SIGSTOP, and waits until each thread stands still: one that is inside the kernel finishes its call first. Linux only. */
export async function stopProcess(processId: number): Promise<void> {
  process.kill(processId, 'SIGSTOP');
  const folder = `/proc/${processId}/task`;
  const standsStill = (thread: string): boolean => /^State:\s+T/m.test(readFileSync(`${folder}/${thread}/status`, 'utf8'));
  while (!readdirSync(folder).every(standsStill)) await pause(1);
}
