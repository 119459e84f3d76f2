import { setTimeout as pause } from 'node:timers/promises';
import { loadCommand, type LoadCommand, type LoadReport, type Question, type Target } from './load-messages.ts';
import { Histogram } from './measure/histogram.ts';
import { Asked, Caller } from './wire/caller.ts';
import { requestBytes } from './wire/request-bytes.ts';

// The callers of the benchmark, in a process of their own. Takes commands from its parent, one after the other, and answers each with a
// report.

/** Connections that may be open at once in an open loop; a call that finds none waits for one, and the wait counts. */
const mostConnections = 512;
/** Streams that are being opened at once: a backlog that overflows would measure the kernel. */
const openingAtOnce = 64;

const held: Caller[] = [];

class Counter {
  readonly #latency = new Histogram();
  readonly #startedAt = performance.now();
  #answers = 0;
  #wrong = 0;
  #firstFault: string | undefined;

  see(fault: string | undefined, fromMs: number): void {
    if (fault === undefined) {
      this.#answers++;
      this.#latency.add((performance.now() - fromMs) * 1_000);
      return;
    }
    this.#wrong++;
    this.#firstFault ??= fault;
  }

  report(): LoadReport {
    return {
      answers: this.#answers,
      wrong: this.#wrong,
      ...(this.#firstFault === undefined ? {} : { firstFault: this.#firstFault }),
      elapsedMs: performance.now() - this.#startedAt,
      latency: this.#latency.summary(),
    };
  }
}

function asks(target: Target, question: Question): Asked {
  return new Asked(question, requestBytes(target, question));
}

async function closedLoop({
  target,
  question,
  callers,
  durationMs,
}: Extract<LoadCommand, { kind: 'closed' }>): Promise<LoadReport> {
  const asked = asks(target, question);
  const open = await Promise.all(Array.from({ length: callers }, () => Caller.connect(target)));
  const counter = new Counter();
  const end = performance.now() + durationMs;
  const call = async (caller: Caller): Promise<void> => {
    // At least one each, so that slow work is measured too.
    for (let from = performance.now(); caller.isOpen; from = performance.now()) {
      counter.see(await caller.ask(asked), from);
      if (performance.now() >= end) return;
    }
  };
  await Promise.all(open.map(call));
  const report = counter.report();
  for (const caller of open) caller.close();
  return report;
}

/** Latencies count from the moment at which a call was due, so that a stall shows in all the calls that it delayed. */
async function openLoop({
  target,
  question,
  perSecond,
  durationMs,
}: Extract<LoadCommand, { kind: 'open' }>): Promise<LoadReport> {
  const asked = asks(target, question);
  const free: Caller[] = await Promise.all(Array.from({ length: 8 }, () => Caller.connect(target)));
  const due: number[] = [];
  const running = new Set<Promise<void>>();
  let connections = free.length;
  const counter = new Counter();
  const call = async (caller: Caller, at: number): Promise<void> => {
    counter.see(await caller.ask(asked), at);
    const next = due.shift();
    if (next === undefined) free.push(caller);
    else await call(caller, next);
  };
  const start = (at: number): void => {
    const caller = free.pop();
    if (caller === undefined && connections >= mostConnections) {
      due.push(at);
      return;
    }
    if (caller === undefined) connections++;
    const run = caller === undefined ? Caller.connect(target).then((fresh) => call(fresh, at)) : call(caller, at);
    const tracked = run.catch((error: unknown) => counter.see(String(error), at)).finally(() => running.delete(tracked));
    running.add(tracked);
  };
  const begun = performance.now();
  const total = Math.ceil((perSecond * durationMs) / 1_000);
  for (let sent = 0; sent < total;) {
    const now = performance.now() - begun;
    for (; sent < total && (sent * 1_000) / perSecond <= now; sent++) start(begun + (sent * 1_000) / perSecond);
    // Timers have a millisecond at best, which would send calls in bundles.
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (running.size > 0) await Promise.all(running);
  const report = counter.report();
  for (const caller of free) caller.close();
  return report;
}

async function hold({ targets, questions, streams }: Extract<LoadCommand, { kind: 'hold' }>): Promise<LoadReport> {
  const asked = targets.flatMap((target, index) => {
    const question = questions[index];
    return question === undefined ? [] : [{ target, asked: asks(target, question) }];
  });
  const counter = new Counter();
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let place = next++; place < streams; place = next++) {
      const one = asked[place % asked.length];
      if (one === undefined) return;
      const from = performance.now();
      try {
        const caller = await Caller.connect(one.target);
        held.push(caller);
        counter.see(await withinSeconds(30, caller.askAndHold(one.asked)), from);
      } catch (error) {
        counter.see(String(error), from);
      }
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, opener));
  return counter.report();
}

async function withinSeconds(seconds: number, work: Promise<string | undefined>): Promise<string | undefined> {
  const over = new AbortController();
  const late = pause(seconds * 1_000, `no word within ${seconds} s`, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

function drop(): LoadReport {
  const counter = new Counter();
  for (const caller of held.splice(0)) {
    caller.close();
    counter.see(undefined, performance.now());
  }
  return counter.report();
}

async function obey(command: LoadCommand): Promise<LoadReport> {
  switch (command.kind) {
    case 'closed':
      return closedLoop(command);
    case 'open':
      return openLoop(command);
    case 'hold':
      return hold(command);
    case 'drop':
      return drop();
  }
}

process.on('message', (message) => {
  obey(loadCommand.parse(message)).then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
