import { setImmediate as turn } from 'node:timers/promises';
import { vi } from 'vitest';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly fire: () => void;
}

/** No seed needs more; a world that never comes to rest is a finding. */
const mostEvents = 200_000;

/**
 * Time that passes when nothing else is left to do: whoever waits an hour is next as soon as nobody has less to wait.
 */
export class VirtualTime {
  #ticks = 0;
  #events = 0;
  #made = 0;
  #timers: Timer[] = [];

  /** Milliseconds since this world began. */
  ticks(): number {
    return this.#ticks;
  }

  /** Gives what calls it off. */
  after(milliseconds: number, fire: () => void): () => void {
    const timer: Timer = { at: this.#ticks + Math.max(0, milliseconds), number: this.#made++, fire };
    const place = this.#timers.findLastIndex(({ at }) => at <= timer.at);
    this.#timers.splice(place + 1, 0, timer);
    return () => {
      const left = this.#timers.indexOf(timer);
      if (left >= 0) this.#timers.splice(left, 1);
    };
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(milliseconds, resolve));
  }

  /** Lets time pass until the story is told. Throws where nothing is left that could go on with it. */
  async tell<Result>(story: Promise<Result>): Promise<Result> {
    let told = false;
    const ended = story.finally(() => (told = true));
    ended.catch(() => undefined);
    for (;;) {
      // A turn of the event loop runs every promise that can go on; nothing here waits for the real world.
      await turn();
      if (told) return ended;
      const next = this.#timers.shift();
      if (next === undefined) throw new Error('The story hangs: everybody waits for somebody else.');
      this.#events += 1;
      if (this.#events > mostEvents) throw new Error(`The story does not end: ${mostEvents} events.`);
      this.#ticks = next.at;
      next.fire();
    }
  }
}

/** Puts a time behind every wait of the program, those of `node:timers/promises` excepted, which a test mocks as a module. */
export function installTime(time: VirtualTime): void {
  if (current === undefined) {
    vi.stubGlobal('setTimeout', (fire: () => void, milliseconds = 0) => running().after(milliseconds, fire));
    vi.stubGlobal('clearTimeout', (callOff: (() => void) | undefined) => callOff?.());
    Object.defineProperty(AbortSignal, 'timeout', { value: signalAfter, configurable: true });
  }
  current = time;
}

export function uninstallTime(): void {
  vi.unstubAllGlobals();
  Object.defineProperty(AbortSignal, 'timeout', { value: realSignalAfter, configurable: true });
  current = undefined;
}

const realSignalAfter = AbortSignal.timeout;

function signalAfter(milliseconds: number): AbortSignal {
  const expiring = new AbortController();
  running().after(milliseconds, () => expiring.abort(new DOMException('The time is over.', 'TimeoutError')));
  return expiring.signal;
}

function running(): VirtualTime {
  if (current === undefined) throw new Error('No virtual time is installed.');
  return current;
}

let current: VirtualTime | undefined;

/** `node:timers/promises` on the time that was installed last. */
export const virtualTimers = {
  setTimeout: async <Value>(milliseconds: number, value: Value, options?: { readonly signal?: AbortSignal }): Promise<Value> => {
    const time = running();
    await new Promise<void>((resolve, reject) => {
      const callOff = time.after(milliseconds, resolve);
      options?.signal?.addEventListener('abort', () => {
        callOff();
        reject(new DOMException('The wait was called off.', 'AbortError'));
      });
    });
    return value;
  },
};
