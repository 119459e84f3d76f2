import type { Answer } from '../model/answer.ts';
import type { AnswerEvent, EventBatch, UsageEvent } from '../model/event.ts';
import { faults, FlashmuxError, type FaultCode } from '../model/fault.ts';
import { Fold } from '../model/fold.ts';

/** An answer as it is kept for whoever sends the same idempotency key again, with the fault that ended it, if one did. */
export interface KeptAnswer {
  readonly answer: Answer;
  readonly fault?: FlashmuxError;
}

/** Characters. What is longer is not kept: a store is no place for a book. */
export const longestKeptAnswer = 1_048_576;

const format = 'flashmux-answer@1';

/** Gathers one answer while it goes by. */
export class AnswerKeeper {
  #fold = new Fold();

  see(batch: EventBatch): void {
    for (const event of batch) if (event.kind !== 'usage' && event.kind !== 'answer-start') this.#fold.add(event);
  }

  /** What was seen belongs to an attempt that failed. */
  reset(): void {
    this.#fold = new Fold();
  }

  /** `opening`: what the caller got before the host's words. Undefined for an answer that is too long to be kept. */
  text(opening: EventBatch, usage: UsageEvent, fault: FlashmuxError | undefined): string | undefined {
    const framed = new Fold();
    for (const event of [...opening, usage]) framed.add(event);
    const { notices, carried, ...frame } = framed.answer();
    const seen = this.#fold.answer();
    const answer: Answer = {
      ...frame,
      choices: seen.choices,
      notices: [...notices, ...seen.notices],
      carried: [...carried, ...seen.carried],
    };
    const told = fault === undefined ? {} : { fault: { code: fault.code, message: fault.message } };
    const text = JSON.stringify({ format, answer, ...told }, writeBigint);
    return text.length > longestKeptAnswer ? undefined : text;
  }
}

/** Undefined for what this flashmux did not write. */
export function readKeptAnswer(text: string): KeptAnswer | undefined {
  const value: unknown = JSON.parse(text, readBigint);
  if (!isKept(value)) return undefined;
  const { answer, fault } = value;
  return { answer, ...(fault === undefined ? {} : { fault: new FlashmuxError(fault.code, fault.message) }) };
}

interface Kept {
  readonly answer: Answer;
  readonly fault?: { readonly code: FaultCode; readonly message: string };
}

/** The text comes from our own store, under our own mark: its form is known once the mark is. */
function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== format) return false;
  if (!('fault' in value)) return true;
  const { fault } = value;
  return typeof fault === 'object' && fault !== null && 'code' in fault && typeof fault.code === 'string' && fault.code in faults;
}

// JSON has no integers of 64 bits; the amounts of a bill are written as text under a key that nothing else has.
const bigintKey = '$bigint';

function writeBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { [bigintKey]: value.toString() } : value;
}

function readBigint(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(bigintKey in value)) return value;
  const digits = value[bigintKey];
  return typeof digits === 'string' && Object.keys(value).length === 1 ? BigInt(digits) : value;
}

/** The kept answer as the caller gets it again: its usage last, as at the first time. */
export function replayed(events: EventBatch): { readonly head: EventBatch; readonly usage: EventBatch } {
  return { head: events.filter((event) => !isUsage(event)), usage: events.filter((event) => isUsage(event)) };
}

function isUsage({ kind }: AnswerEvent): boolean {
  return kind === 'usage';
}
