import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from '../../access/access.ts';
import { eventTexts } from '../../dialects/openai-responses/response-call.ts';
import type { EventBatch } from '../../model/event.ts';
import { asFault, FlashmuxError } from '../../model/fault.ts';
import { Fold } from '../../model/fold.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Usage } from '../../model/usage.ts';
import { largestResponse } from '../../sessions/create-sessions.ts';
import { isList, objectsIn } from '../../sessions/item-form.ts';
import { isKeptStatus } from '../../sessions/kept-response.ts';
import type { Ending } from '../../sessions/session-store.ts';
import { countUsage } from '../admit-caller.ts';
import type { EndedAnswer, Envelope } from '../generate-route.ts';
import { endedObject, errorOf } from './keep-response.ts';
import type { PlannedResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';

/** A response that runs on whether anybody waits for it or not. Its row is there already. */
export interface BackgroundWish {
  readonly plan: PlannedResponse;
  readonly caller: Caller;
  readonly envelope: Envelope;
}

/** How often the events of a run are written down. */
const writeEveryMs = 200;
/** Characters of events of one response; further ones are not written down, but for the last. */
const mostCharacters = 32 * 1024 * 1024;
/** How often the end is tried to be written down, with pauses, where the store is away. */
const mostTries = 10;
const pauseBetweenTriesMs = 3_000;

/** One response in the background, from its first event to its last. */
export class BackgroundRun {
  readonly #wish: BackgroundWish;
  readonly #deps: ResponseDeps;
  readonly #controller = new AbortController();
  readonly #folding = new Fold();
  /** Events that are not written down yet, and the number of the first of them. */
  #texts: string[] = [];
  #written = 0;
  #characters = 0;
  #leftOut = 0;
  #writing: Promise<void> | undefined;

  constructor(wish: BackgroundWish, deps: ResponseDeps) {
    this.#wish = wish;
    this.#deps = deps;
  }

  abort(fault: FlashmuxError): void {
    this.#controller.abort(fault);
  }

  /** Never rejects: what goes wrong is what the response came to. */
  async toEnd(): Promise<void> {
    const { plan, envelope } = this.#wish;
    const writer = plan.answers.streamWriter(envelope, plan.request);
    try {
      let last: string;
      let fault: FlashmuxError | undefined;
      try {
        await this.#answer((batch) => this.#told(writer.write(batch)));
        const notices = plan.notices.map((notice) => ({ kind: 'notice', notice }) as const);
        last = (notices.length === 0 ? '' : writer.write(notices)) + writer.end();
      } catch (error) {
        fault = this.#faultOf(error);
        last = writer.fault(fault);
      }
      await this.#finish({ answer: this.#folding.answer(), envelope, ...(fault === undefined ? {} : { fault }) }, last);
    } catch (error) {
      const { requestId } = envelope;
      this.#deps.log.error({ requestId, error }, 'the end of a response in the background could not be kept');
    }
  }

  get #owned(): { readonly accountId: string; readonly id: string } {
    return { accountId: this.#wish.caller.accountId, id: this.#wish.envelope.id };
  }

  async #answer(told: (batch: EventBatch) => void): Promise<void> {
    const { plan, caller, envelope } = this.#wish;
    const onUsage = (usage: Usage): void => countUsage(caller, usage, this.#deps);
    const { serve, sessions } = this.#deps;
    const { signal } = this.#controller;
    const { id: answerId, requestId } = envelope;
    let hasBegun = false;
    for await (const batch of serve({ requestId, answerId, caller, request: plan.request, isWatched: true, signal, onUsage })) {
      signal.throwIfAborted();
      if (!hasBegun && !(await sessions.background.begin(this.#owned))) throw responseCancelled();
      hasBegun = true;
      for (const event of batch) this.#folding.add(event);
      told(batch);
    }
    signal.throwIfAborted();
    if (!hasBegun) throw new Error('the exchange ended without any event');
  }

  #faultOf(error: unknown): FlashmuxError {
    const reason: unknown = this.#controller.signal.reason;
    const fault = FlashmuxError.is(reason) ? reason : asFault(error);
    if (fault.code === 'internal') {
      const { requestId } = this.#wish.envelope;
      this.#deps.log.error({ requestId, error: fault.cause ?? fault }, 'unexpected condition');
    }
    return fault;
  }

  /** Where it was cancelled meanwhile, that stands. */
  async #finish(ended: EndedAnswer, last: string): Promise<void> {
    const { background } = this.#deps.sessions;
    await this.#writing;
    if (this.#leftOut > 0) {
      await background.addEvents({ responseId: this.#owned.id, first: this.#written, texts: this.#texts });
      this.#written += this.#texts.length + this.#leftOut;
      this.#texts = [];
    }
    const events = { responseId: this.#owned.id, first: this.#written, texts: [...this.#texts, ...eventTexts(last)] };
    const ending: Ending = { ...this.#owned, ...endingOf(endedObject(this.#wish.plan, ended)), events };
    for (let attempt = 1; ; attempt++) {
      try {
        await background.finish(ending);
        return;
      } catch (error) {
        if (attempt >= mostTries) throw error;
        await pause(pauseBetweenTriesMs);
      }
    }
  }

  #told(frames: string): void {
    for (const text of eventTexts(frames)) {
      this.#characters += text.length;
      if (this.#characters > mostCharacters) this.#leftOut += 1;
      else this.#texts.push(text);
    }
    this.#writing ??= this.#write();
  }

  /** A few times a second, and never two lots at once. What the store does not take waits for the next time. */
  async #write(): Promise<void> {
    await pause(writeEveryMs);
    const texts = this.#texts;
    this.#texts = [];
    try {
      if (texts.length > 0) {
        await this.#deps.sessions.background.addEvents({ responseId: this.#owned.id, first: this.#written, texts });
        this.#written += texts.length;
      }
    } catch (error) {
      this.#texts = [...texts, ...this.#texts];
      this.#deps.log.warn({ requestId: this.#wish.envelope.requestId, error }, 'events of a response wait for the store');
    }
    this.#writing = undefined;
  }
}

export function responseCancelled(): FlashmuxError {
  return new FlashmuxError('cancelled', 'The response was cancelled.');
}

/** What is larger than may be kept has failed, whatever it was: nobody is there whom it could be told to. */
function endingOf(whole: JsonObject): Pick<Ending, 'status' | 'object' | 'output'> {
  const { output, ...object } = whole;
  const { status } = object;
  if (!isKeptStatus(status) || status === 'queued' || status === 'in_progress') {
    throw new Error('a response that has ended has a status that says so');
  }
  const characters = JSON.stringify(whole).length;
  if (characters <= largestResponse) return { status, object, output: isList(output) ? objectsIn(output) : [] };
  const message = `The response has ${characters} characters; at most ${largestResponse} are kept.`;
  const error = errorOf(new FlashmuxError('body_too_large', message));
  return { status: 'failed', object: { ...object, status: 'failed', error }, output: [] };
}
