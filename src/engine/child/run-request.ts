import type { Usage } from '../../model/usage.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { Outbox } from './outbox.ts';
import { prepareRequest, type PreparedRequest } from './prepared-request.ts';
import { PinnedPrompt } from './pinned-prompt.ts';
import type { Pins } from './pins.ts';
import type { SequenceSlot, SlotWish } from './sequence-slot.ts';
import type { SlotPool } from './slot-pool.ts';
import { Tally, writeAnswer, type AnswerTask } from './write-answer.ts';

export interface Work {
  readonly request: GenerateRequest;
  readonly seed: number;
  readonly callId: string;
  /** Whose pins it may read. */
  readonly scope: string | undefined;
  readonly outbox: Outbox;
  readonly signal: AbortSignal;
}

export interface Machine {
  readonly loaded: LoadedModel;
  readonly pool: SlotPool<SlotWish, SequenceSlot>;
  readonly pins: Pins;
  readonly queueLimit: number;
  readonly counters: Counters;
}

/** Since the process started. */
export interface Counters {
  tokensEvaluated: number;
  tokensReused: number;
}

/** What the answers of one request have used so far. */
interface Spent {
  readonly tallies: Tally[];
  started: boolean;
  /** Of the first answer, once it has begun: what the others read, it has just evaluated. */
  prompt: PinnedPrompt | undefined;
}

/**
 * Runs one request: all its answers, then its usage. After an abort it stops within one pass through the model and tells the
 * usage up to there. Throws FlashmuxError, before anything is emitted where the request is at fault.
 */
export async function runRequest(machine: Machine, work: Work): Promise<void> {
  const { loaded, pool } = machine;
  const { outbox, request, signal } = work;
  const prepared = await prepareRequest(loaded, request, {
    seed: work.seed,
    newCallId: callIds(work.callId),
    leastMarkedTokens: machine.pins.leastTokens,
  });
  if (pool.queued >= machine.queueLimit) {
    throw new FlashmuxError('overloaded', `The engine has ${pool.queued} answers waiting already. Try again shortly.`, {
      retryAfterSeconds: 1,
    });
  }
  outbox.emit([
    { kind: 'answer-start', model: loaded.ready.modelName },
    { kind: 'usage', usage: { input: { total: prepared.plan.tokens.length }, output: {}, toolCalls: {} } },
    ...prepared.notices.map((notice) => ({ kind: 'notice', notice }) as const),
  ]);
  const spent: Spent = { tallies: [], started: false, prompt: undefined };
  // One answer that fails takes the others with it.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const answers = Array.from({ length: request.answers ?? 1 }, async (_, answer) => {
    try {
      await runAnswer(machine, { ...work, signal: either }, prepared, answer, spent);
    } catch (error) {
      failure.abort();
      throw error;
    }
  });
  const results = await Promise.allSettled(answers);
  if (spent.started) outbox.emit([{ kind: 'usage', usage: usageOf(prepared, spent) }]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function runAnswer(machine: Machine, work: Work, prepared: PreparedRequest, answer: number, spent: Spent): Promise<void> {
  const { loaded, pool, pins, counters } = machine;
  const { plan } = prepared;
  const isFirst = answer === 0;
  const prompt = new PinnedPrompt({
    pins,
    plan,
    scope: work.scope,
    marks: isFirst ? prepared.marks : [],
    tell: (notice) => work.outbox.emit([{ kind: 'notice', notice }]),
  });
  const slot = await pool.acquire(spent, prompt.wish(), work.signal);
  if (slot === undefined) return;
  const tally = new Tally();
  spent.tallies.push(tally);
  try {
    const reused = await prompt.restore(slot);
    counters.tokensReused += reused;
    spent.started = true;
    if (isFirst) spent.prompt = prompt;
    const rest = await slot.feed(plan, work.signal, (cut) => prompt.atCut(slot, cut));
    counters.tokensEvaluated += slot.sequence.nextTokenIndex - reused;
    if (rest === undefined) return;
    counters.tokensEvaluated += rest.length;
    const parser = prepared.parser(answer);
    const source = prepared.source(answer, slot, rest, parser);
    const task: AnswerTask = {
      answer,
      source,
      parser,
      tokenText: loaded.tokenText,
      isEnd: (token) => loaded.model.isEogToken(token),
      limits: prepared.limits,
      singleToolCall: prepared.singleToolCall,
      closeThought: prepared.closeThought,
      writers: loaded.writers,
      gate: loaded.gate,
      outbox: work.outbox,
      signal: work.signal,
    };
    try {
      await writeAnswer(task, tally);
    } finally {
      loaded.writers.delete(task);
      counters.tokensEvaluated += tally.total;
      await source.close();
    }
  } catch (error) {
    await slot.reset();
    throw error;
  } finally {
    pool.release(spent, slot);
  }
}

const nothingRead = { cacheRead: 0, cacheKind: 'implicit' } as const;

function usageOf(prepared: PreparedRequest, spent: Spent): Usage {
  const total = prepared.plan.tokens.length;
  const reasoning = spent.tallies.reduce((sum, tally) => sum + tally.thought, 0);
  const text = spent.tallies.reduce((sum, tally) => sum + tally.answer, 0);
  return {
    input: { total, text: total, ...(spent.prompt?.usage ?? nothingRead) },
    output: { total: reasoning + text, text, reasoning },
    toolCalls: {},
  };
}

/** The given id first, then the same with a number behind it. */
function callIds(first: string): () => string {
  let given = 0;
  return () => (given++ === 0 ? first : `${first}_${given}`);
}
