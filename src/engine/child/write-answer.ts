import { StringDecoder } from 'node:string_decoder';
import type { Token } from 'node-llama-cpp';
import type { AnswerEnd, AnswerEvent } from '../../model/event.ts';
import type { OutputParser } from '../parse/output-parser.ts';
import type { ContextGate } from './context-gate.ts';
import type { Outbox } from './outbox.ts';
import type { TokenSource } from './token-source.ts';
import type { TokenText } from './token-text.ts';

/** Limits of one answer in tokens. */
export interface AnswerLimits {
  /** Of the answer without its thought. */
  readonly answerTokens: number;
  /** Of thought and answer together. */
  readonly completionTokens: number;
  /** Of the thought. At the limit it is closed for the model. */
  readonly thoughtTokens: number;
  /** Cells left in the sequence; what is put in for the model takes some too. */
  readonly cells: number;
}

export interface AnswerTask {
  readonly answer: number;
  readonly source: TokenSource;
  readonly parser: OutputParser;
  readonly tokenText: TokenText;
  readonly isEnd: (token: Token) => boolean;
  readonly limits: AnswerLimits;
  /** True: end after the first call, because the caller takes one at a time. */
  readonly singleToolCall: boolean;
  readonly closeThought: readonly Token[];
  /** Holds this task while it waits for nothing but the model. */
  readonly writers: Set<object>;
  readonly gate: ContextGate;
  readonly outbox: Outbox;
  readonly signal: AbortSignal;
}

/** Tokens that the model wrote, up to now. End tokens and what was put in for the model are not counted. */
export class Tally {
  thought = 0;
  answer = 0;

  get total(): number {
    return this.thought + this.answer;
  }
}

const thoughtEnd = '\n\n';

/** Writes one answer from its first token to its end event. After an abort there is no end event. Counts into `tally`. */
export async function writeAnswer(task: AnswerTask, tally: Tally): Promise<void> {
  const { source, parser, outbox, gate, signal, limits } = task;
  const decoder = new StringDecoder('utf8');
  let ending: Ending | undefined = limitReached(limits, tally, 0);
  let putIn = 0;
  while (ending === undefined) {
    if (!outbox.hasRoom || gate.isClosed) {
      task.writers.delete(task);
      await outbox.room(signal);
      await gate.pass();
    }
    if (signal.aborted) return;
    const sampled = await source.next();
    task.writers.add(task);
    if (task.isEnd(sampled.token)) {
      ending = { reason: 'stop' };
      break;
    }
    const tag = task.tokenText.tag(sampled.token);
    const inThought = parser.place === 'thought' || tag === 'think-open';
    if (inThought) tally.thought++;
    else tally.answer++;
    const text = decoder.write(task.tokenText.bytes(sampled.token));
    outbox.emit(
      parser.push({
        text,
        ...(tag === undefined ? {} : { tag }),
        ...(sampled.logprob === undefined ? {} : { logprob: sampled.logprob }),
      }),
    );
    ending = endingAfter(task, tally, putIn);
    if (ending === undefined && parser.place === 'thought' && tally.thought >= limits.thoughtTokens) {
      outbox.emit(closeThought(parser, decoder));
      source.force(task.closeThought);
      putIn += task.closeThought.length;
    }
  }
  outbox.emit(endEvents(task, decoder, ending));
}

type Ending = Pick<AnswerEnd, 'reason'>;

function endingAfter(task: AnswerTask, tally: Tally, putIn: number): Ending | undefined {
  if (task.parser.stoppedBy !== undefined) return { reason: 'stop' };
  if (task.singleToolCall && task.parser.toolCalls > 0 && task.parser.place !== 'tool-call') return { reason: 'tool-calls' };
  return limitReached(task.limits, tally, putIn);
}

function limitReached(limits: AnswerLimits, tally: Tally, putIn: number): Ending | undefined {
  const full = tally.total + putIn >= limits.cells;
  if (full || tally.answer >= limits.answerTokens || tally.total >= limits.completionTokens) return { reason: 'length' };
  return undefined;
}

function closeThought(parser: OutputParser, decoder: StringDecoder): AnswerEvent[] {
  return [
    ...parser.push({ text: decoder.end() }),
    ...parser.push({ text: '</think>', tag: 'think-close' }),
    ...parser.push({ text: thoughtEnd }),
  ];
}

function endEvents(task: AnswerTask, decoder: StringDecoder, ending: Ending): AnswerEvent[] {
  const { parser, answer } = task;
  const rest = decoder.end();
  const events = [...(rest === '' ? [] : parser.push({ text: rest })), ...parser.end()];
  const stopSequence = parser.stoppedBy;
  // What a cut answer leaves of a call is no call that could be run.
  const reason = ending.reason !== 'length' && stopSequence === undefined && parser.toolCalls > 0 ? 'tool-calls' : ending.reason;
  events.push({ kind: 'answer-end', answer, reason, ...(stopSequence === undefined ? {} : { stopSequence }) });
  return events;
}
