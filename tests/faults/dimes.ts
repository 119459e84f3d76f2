import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { expectRightBooks, openHolds, postedRequests, type Books } from './support/books.ts';
import { milliseconds, type Figures } from './support/fault-run.ts';
import type { Place } from './support/place.ts';

const program = fileURLToPath(new URL('./support/calling-process.ts', import.meta.url));
const dime = 100_000_000n;

export interface Dimes {
  /** With one customer, who has a little more than `passing` dimes at most. */
  readonly place: Place;
  readonly books: () => Books;
  readonly servers: number;
  /** Processes of callers. */
  readonly processes: number;
  readonly calls: number;
  readonly passing: number;
}

/** Calls of ten cents each, all at once, against a balance for a few of them: those pass, and not one more. */
export async function spendDimes({ place, books, servers, processes, calls, passing }: Dimes): Promise<Figures> {
  const running = await Promise.all(Array.from({ length: servers }, () => place.serve()));
  const begunAt = performance.now();
  const callers = Array.from({ length: processes }, (_, index) => {
    const url = running[index % servers]?.url ?? '';
    return new Callers(url, place.customer(0).key, 1 + (index * calls) / processes, calls / processes);
  });
  try {
    const told = (): readonly string[] => callers.flatMap((each) => each.told);
    // Whoever is admitted waits at the host, so that all are decided while nobody has given a cent back.
    while (told().length + place.host.waiting < calls && !callers.every((each) => each.hasEnded)) await pause(5);
    const decidedMs = performance.now() - begunAt;
    expect(place.host.calls).toBe(passing);
    place.host.open();
    await Promise.all(callers.map((each) => each.ended));
    expect(
      Object.fromEntries(
        Map.groupBy(told(), (each) => each)
          .entries()
          .map(([each, all]) => [each, all.length]),
      ),
    ).toEqual({
      'complete 0.1': passing,
      insufficient_credits: calls - passing,
    });
    for (const server of running) expect(await server.stop()).toMatchObject({ code: 0 });
    await expectSpent(books(), passing);
    return { calls, passed: passing, 'refused with 402': calls - passing, 'all decided after': milliseconds(decidedMs) };
  } finally {
    for (const each of callers) each.end();
  }
}

async function expectSpent(books: Books, passing: number): Promise<void> {
  try {
    await expectRightBooks(books);
    expect(await openHolds(books)).toBe(0);
    const charged = (await postedRequests(books)).map((each) => each.charged);
    expect(charged).toEqual(Array.from({ length: passing }, () => dime));
  } finally {
    await books.close();
  }
}

class Callers {
  readonly ended: Promise<unknown>;
  readonly #child: ReturnType<typeof spawn>;
  #text = '';

  constructor(url: string, key: string, first: number, count: number) {
    const words = ['--disable-warning=ExperimentalWarning', program, url, key, String(first), String(count)];
    this.#child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#text += text));
    this.ended = once(this.#child, 'close');
  }

  /** One line for each call that has ended. */
  get told(): readonly string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
