import { ending, open, say, start } from '../../src/exchange/serve.test-support.ts';
import type { AnswerEvent, EventBatch } from '../../src/model/event.ts';
import { FlashmuxError } from '../../src/model/fault.ts';
import type { Attempt, Provider } from '../../src/model/ports.ts';
import type { Usage } from '../../src/model/usage.ts';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What really happened at a host: the truth that the books are held against. */
export interface UpstreamWork {
  readonly requestId: string;
  readonly provider: string;
  /** Text that left the host. */
  said: string;
  readonly told: Usage[];
  ended: boolean;
  /** Its last word was that something went wrong. */
  endedInError: boolean;
}

type Telling = 'at-the-end' | 'growing' | 'twice' | 'never' | 'zero' | 'nonsense';

/** One answer, as chance will have it. */
interface Plan {
  readonly firstMs: number;
  /** Fails before it says anything: at once, or after its opening. */
  readonly failsFirst: 'no' | 'at-once' | 'opened' | 'refused' | 'wordless' | 'error-end';
  readonly pieces: number;
  readonly pieceMs: number;
  /** What becomes of it after so many pieces. */
  readonly breaks: 'no' | 'fails' | 'hangs';
  readonly telling: Telling;
  /** Of a host that was told to stop: says what it used, in time or too late. */
  readonly lastWordMs: number | undefined;
}

export interface HostOptions {
  readonly name: string;
  readonly cancellable: boolean;
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly works: UpstreamWork[];
}

/** A host that fails, repeats itself, talks nonsense, hangs and goes on when it was told to stop. */
export function chanceHost(options: HostOptions): Provider {
  const { name, cancellable, chance } = options;
  return { name, cancellable, run: (attempt, signal) => answer(options, planOf(chance.split()), attempt, signal) };
}

function planOf(chance: Chance): Plan {
  return {
    firstMs: chance.oneIn(8) ? chance.between(1_000, 20_000) : chance.under(300),
    failsFirst: chance.oneIn(4) ? chance.pick(['at-once', 'opened', 'refused', 'wordless', 'error-end']) : 'no',
    pieces: chance.between(1, 6),
    pieceMs: chance.oneIn(6) ? chance.between(500, 5_000) : chance.under(100),
    breaks: chance.oneIn(4) ? chance.pick(['fails', 'hangs']) : 'no',
    telling: chance.pick(['at-the-end', 'at-the-end', 'growing', 'twice', 'never', 'zero', 'nonsense']),
    lastWordMs: chance.oneIn(2) ? chance.between(1, 4_000) : undefined,
  };
}

async function* answer(
  { name, cancellable, time, works, chance }: HostOptions,
  plan: Plan,
  { requestId, deadlines }: Attempt,
  signal: AbortSignal,
): AsyncGenerator<EventBatch, void, undefined> {
  const work: UpstreamWork = { requestId, provider: name, said: '', told: [], ended: false, endedInError: false };
  works.push(work);
  const wait = (ms: number): Promise<void> => (cancellable ? unlessStopped(time, ms, signal) : time.sleep(ms));
  const usage = (): AnswerEvent => {
    const told = usageTold(plan.telling, work.said, chance);
    work.told.push(told);
    return { kind: 'usage', usage: told };
  };
  try {
    await wait(plan.firstMs);
    if (plan.failsFirst === 'refused') throw new FlashmuxError('invalid_request', 'The host does not like it.');
    if (plan.failsFirst === 'at-once') throw new FlashmuxError('upstream_failed', 'The host is down.');
    yield [start];
    if (plan.failsFirst === 'opened') throw new FlashmuxError('upstream_failed', 'The host hung up.');
    if (plan.failsFirst === 'wordless' || plan.failsFirst === 'error-end') {
      work.endedInError = plan.failsFirst === 'error-end';
      yield [{ kind: 'answer-end', answer: 0, reason: plan.failsFirst === 'wordless' ? 'stop' : 'error' }, usage()];
      return;
    }
    for (let piece = 0; piece < plan.pieces; piece++) {
      const words = `${piece} `.padEnd(chance.between(2, 12), 'x');
      work.said += words;
      const opening = piece === 0 ? [open] : [];
      yield [...opening, say(words), ...(plan.telling === 'growing' ? [usage()] : [])];
      await wait(plan.pieceMs);
    }
    if (plan.breaks === 'fails') throw new FlashmuxError('upstream_failed', 'The connection broke.');
    if (plan.breaks === 'hangs') {
      await wait(deadlines.idleMs);
      throw new FlashmuxError('upstream_timeout', 'The host fell silent.');
    }
    work.ended = true;
    yield ending;
    if (plan.telling === 'twice') yield [usage()];
    if (plan.telling !== 'never') yield [usage()];
  } catch (error) {
    if (!signal.aborted || !cancellable || plan.lastWordMs === undefined || work.said === '') throw error;
    await time.sleep(plan.lastWordMs);
    yield [usage()];
  }
}

async function unlessStopped(time: VirtualTime, ms: number, signal: AbortSignal): Promise<void> {
  const stopped = new FlashmuxError('cancelled', 'The host was told to stop.');
  if (signal.aborted) throw stopped;
  await new Promise<void>((resolve, reject) => {
    const callOff = time.after(ms, resolve);
    signal.addEventListener('abort', () => {
      callOff();
      reject(stopped);
    });
  });
}

function usageTold(telling: Telling, said: string, chance: Chance): Usage {
  if (telling === 'nonsense') return nonsense(chance);
  return telling === 'zero' ? usageOf(0, 0) : usageOf(7, said.length);
}

function usageOf(input: number, output: number): Usage {
  return { input: { total: input }, output: { total: output }, toolCalls: {} };
}

function nonsense(chance: Chance): Usage {
  return chance.pick([
    usageOf(-5, 3),
    usageOf(7, Number.NaN),
    usageOf(1e300, 1e300),
    usageOf(3, 5_000),
    usageOf(0.5, 2.5),
    { ...usageOf(7, 4), output: { total: 4, reasoning: 90 } },
  ]);
}
