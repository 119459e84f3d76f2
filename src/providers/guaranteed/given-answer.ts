import type { AnswerEnd, AnswerEvent, AnswerStream } from '../../model/event.ts';
import { FlashmuxError, asFault } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Usage } from '../../model/usage.ts';
import type { Approach } from './approach.ts';
import { checkForm } from './form-check.ts';
import { HeldAnswer, PartIndexes } from './held-answer.ts';
import { askedAgain } from './instructions.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { usageOfTries } from './usage-of-tries.ts';

/** How often a model is asked again for an answer that did not fit. */
export const maxAskedAgain = 2;

export interface GivenAnswerOptions {
  readonly approach: Approach;
  /** The number of the answer as the caller counts. */
  readonly answer: number;
  /** For messages. */
  readonly provider: string;
  /** Puts a request to the host: the first one, or one that asks again. */
  readonly run: (request: GenerateRequest, isFirst: boolean) => AnswerStream;
  readonly signal: AbortSignal;
  readonly checker: SchemaChecker;
}

/** One answer that keeps to what was asked, however many tries it takes within the bound, or a fault. */
export class GivenAnswer {
  readonly #options: GivenAnswerOptions;
  readonly #indexes = new PartIndexes();
  /** Of each try, in order. */
  readonly #usages: (Usage | undefined)[] = [];

  constructor(options: GivenAnswerOptions) {
    this.#options = options;
  }

  /** What it used, once it has ended. */
  get usage(): Usage | undefined {
    return usageOfTries(this.#usages);
  }

  /**
   * The events without a usage. Throws `upstream_failed` where no try fits; what a host throws at the first try is thrown as it is. After
   * an abort the text that waited is given out unchecked: it was generated, and is counted by that.
   */
  async *events(): AnswerStream {
    const { approach, answer, provider, signal } = this.#options;
    let request = approach.request;
    for (let asked = 0; ; asked++) {
      const held = new HeldAnswer({ answer, indexes: this.#indexes });
      try {
        for await (const batch of this.#options.run(request, asked === 0)) {
          const given = held.take(batch);
          if (given.length > 0) yield given;
        }
      } catch (error) {
        this.#usages.push(held.usage);
        const late = signal.aborted ? held.release() : [];
        if (late.length > 0) yield late;
        throw asked === 0 || signal.aborted ? error : failedAgain(error, provider);
      }
      this.#usages.push(held.usage);
      const { end } = held;
      // Some hosts end quietly when they are told to stop.
      if (signal.aborted) {
        const late = [...held.release(), ...(end === undefined ? [] : [end])];
        if (late.length > 0) yield late;
        return;
      }
      if (end === undefined)
        throw new FlashmuxError('upstream_failed', `Provider "${provider}" ended its answer before it was complete.`, {
          upstream: { provider },
        });
      const verdict = await this.#verdict(held, end);
      if (verdict.kind === 'fits') {
        yield [...verdict.events, end];
        return;
      }
      if (asked === maxAskedAgain) throw unmet(provider, verdict.complaint);
      yield [this.#askingAgain(verdict.complaint)];
      request = askedAgain(approach.again, held.text, verdict.complaint);
    }
  }

  async #verdict(held: HeldAnswer, end: AnswerEnd): Promise<Verdict> {
    const { approach, checker } = this.#options;
    if (held.isReleased || isCut(end)) return { kind: 'fits', events: held.release() };
    if (approach.call !== undefined) {
      const which = approach.call.kind === 'function' ? `the tool "${approach.call.name}"` : 'any of the tools';
      return { kind: 'misfit', complaint: `It did not call ${which}.` };
    }
    if (approach.form === undefined) return { kind: 'fits', events: held.release() };
    const found = await checkForm(held.text, approach.form, checker);
    if (found.kind === 'misfit') return found;
    if (found.text === held.text) return { kind: 'fits', events: held.release() };
    const notices: AnswerEvent[] = [];
    if (found.takenOut) notices.push(notice('dropped', 'The model wrote something around its JSON; only the JSON is given.'));
    if (found.repaired)
      notices.push(notice('clamped', 'The JSON of the model had slips that were mended: a comma too many, or a raw line break.'));
    return { kind: 'fits', events: [...notices, ...held.replace(found.text)] };
  }

  #askingAgain(complaint: string): AnswerEvent {
    const path = this.#options.approach.call === undefined ? 'response_format' : 'tool_choice';
    const message = `An answer of the host was left out, and the model asked again. ${complaint}`;
    return { kind: 'notice', notice: { code: 'dropped', path, message } };
  }
}

type Verdict =
  | { readonly kind: 'fits'; readonly events: readonly AnswerEvent[] }
  | { readonly kind: 'misfit'; readonly complaint: string };

/** Whether the answer ended before the model was done: it is given as it stands then, with its reason, as OpenAI does. */
export function isCut({ reason, stopSequence }: AnswerEnd): boolean {
  switch (reason) {
    case 'length':
    case 'content-filter':
    case 'error':
      return true;
    case 'stop':
    case 'tool-calls':
    case 'other':
      return stopSequence !== undefined;
  }
}

function notice(code: 'dropped' | 'clamped', message: string): AnswerEvent {
  return { kind: 'notice', notice: { code, path: 'response_format', message } };
}

function unmet(provider: string, complaint: string): FlashmuxError {
  const message = `Provider "${provider}" was asked ${maxAskedAgain + 1} times and gave no answer in the form that was wanted. Of the last one: ${complaint}`;
  return new FlashmuxError('answer_unfit', message, { upstream: { provider } });
}

/** What a host has against our own words of the second request is not the caller's mistake. */
function failedAgain(error: unknown, provider: string): FlashmuxError {
  const fault = asFault(error);
  if (fault.row.retry !== 'no') return fault;
  const message = `Provider "${provider}" gave an answer in the wrong form and refused to be asked again. ${fault.message}`;
  return new FlashmuxError('answer_unfit', message, { upstream: { provider }, cause: fault });
}
