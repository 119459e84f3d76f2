import { writeFile } from 'node:fs/promises';
import type { Session } from 'node:inspector/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import type { WatchCommand } from './watch-messages.ts';

// Loaded into a server by `--import`, its types taken off before: a server that runs JavaScript would load Node's own compiler for them,
// which takes memory that is measured. So it imports nothing but Node. Does what its parent asks:
//
// - `loop`: tells how long the event loop was blocked at the longest since the last time, by the wall clock, which a busy machine lengthens,
//   and by the CPU time that the main thread used between two turns of a timer, which it does not.
// - `profile`, `write-profile`: takes samples of every thread in between, so that the start of the server is in none of them.

/** How often it looks: of what it measures, that much is no blocking. */
const everyMs = 10;

const profiling = new BroadcastChannel('flashmux-bench-profile');

let session: Session | undefined;

async function obey(command: Exclude<WatchCommand, { kind: 'loop' }>): Promise<void> {
  switch (command.kind) {
    case 'profile': {
      // Not before it is wanted: it takes memory, which is measured too.
      const inspector = await import('node:inspector/promises');
      session = new inspector.Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: command.everyMicroseconds });
      await session.post('Profiler.start');
      return;
    }
    case 'write-profile': {
      const stopped = await session?.post('Profiler.stop');
      session?.disconnect();
      await writeFile(path.join(command.folder, `thread-${threadId}.cpuprofile`), JSON.stringify(stopped?.profile));
    }
  }
}

if (isMainThread && process.send !== undefined) watch();
else followMainThread();

function followMainThread(): void {
  profiling.addEventListener('message', (event) => {
    if ('data' in event && isCommand(event.data) && event.data.kind !== 'loop') void obey(event.data);
  });
  profiling.unref();
}

function isCommand(message: unknown): message is WatchCommand {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

function watch(): void {
  const delays = monitorEventLoopDelay({ resolution: everyMs });
  let longestBusy = 0;
  let last = process.threadCpuUsage();
  const look = (): void => {
    const now = process.threadCpuUsage();
    longestBusy = Math.max(longestBusy, now.user + now.system - last.user - last.system);
    last = now;
  };
  const timer = setInterval(look, everyMs);
  process.on('message', (message) => {
    if (!isCommand(message)) return;
    const command = message;
    if (command.kind === 'loop') {
      process.send?.({ longestDelayMs: Math.max(0, delays.max / 1e6 - everyMs), longestBusyMs: longestBusy / 1_000 });
      delays.reset();
      longestBusy = 0;
      return;
    }
    profiling.postMessage(command);
    void obey(command).then(() => process.send?.({ done: true }));
  });
  delays.enable();
  // None of these keeps a server alive that wants to end.
  timer.unref();
  profiling.unref();
  process.channel?.unref();
}
