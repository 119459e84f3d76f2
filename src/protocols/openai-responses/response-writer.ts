import type { AnswerEnd, AnswerEvent, PartOpening, UsageEvent } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Envelope } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import type { EventSink } from './event-sink.ts';
import { ResponseItems } from './response-items.ts';
import { responseObject } from './response-object.ts';
import type { ResponseHead, ResponseProgress, ResponseStatus } from './response-object.ts';

/** One response, from the events of its answer. Streams and whole answers are both written by it. */
export class ResponseWriter {
  readonly #sink: EventSink;
  readonly #items: ResponseItems;
  readonly #notices: Notice[] = [];
  #head: ResponseHead;
  #isOpen = false;
  #carried: JsonObject = {};
  #usage: UsageEvent | undefined;
  #ended: AnswerEnd | undefined;
  #hasMore = false;

  /** `echo`: what the response repeats of its request. */
  constructor(envelope: Envelope, echo: JsonObject, sink: EventSink) {
    this.#sink = sink;
    this.#items = new ResponseItems(sink, envelope.id);
    this.#head = headOf(envelope, echo, envelope.model, envelope.provider);
  }

  /** Tells that the response exists, once. What was noted until then is in it. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const response = this.#response('in_progress');
    this.#sink.emitForeign('response.created', { response });
    this.#sink.emitForeign('response.in_progress', { response });
  }

  add(event: AnswerEvent): void {
    switch (event.kind) {
      case 'answer-start': {
        const { envelope, echo } = this.#head;
        const head = headOf(envelope, echo, event.model ?? envelope.model, event.provider ?? envelope.provider);
        this.#head = event.attempts === undefined ? head : { ...head, attempts: event.attempts };
        return;
      }
      case 'part-start':
        this.open();
        if (event.answer > 0) this.#noteMore();
        else if (!this.#items.start(event.index, event.part)) this.#notices.push(unsayable(event.part, event.index));
        return;
      case 'part-delta':
        if (event.answer === 0) this.#items.delta(event.index, event.delta);
        return;
      case 'part-end':
        if (event.answer === 0) this.#items.end(event.index);
        return;
      case 'usage':
        this.#usage = event;
        return;
      case 'notice':
        this.#notices.push(event.notice);
        return;
      case 'carry':
        if (event.protocol === 'openai-responses') this.#carried = { ...this.#carried, ...event.fields };
        return;
      case 'answer-end':
        if (event.answer === 0) this.#ended = event;
        else this.#noteMore();
        return;
    }
  }

  /** Ends what is open, tells that the response is over, and gives it. */
  finish(): JsonObject {
    this.open();
    this.#items.endAll();
    const status = statusOf(this.#ended);
    const response = this.#response(status);
    this.#sink.emitForeign(`response.${status}`, { response });
    return response;
  }

  #response(status: ResponseStatus): JsonObject {
    const { providerReason, stopSequence } = this.#ended ?? {};
    const incompleteReason = status === 'incomplete' ? incompleteReasonOf(this.#ended) : undefined;
    const progress: ResponseProgress = {
      status,
      output: this.#items.output,
      notices: this.#notices,
      ...(incompleteReason === undefined ? {} : { incompleteReason }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage.usage }),
      ...(this.#usage?.bill === undefined ? {} : { bill: this.#usage.bill }),
      ...(providerReason === undefined ? {} : { nativeReason: providerReason }),
      ...(stopSequence === undefined ? {} : { stopSequence }),
    };
    return withCarried(responseObject(this.#head, progress), this.#carried);
  }

  #noteMore(): void {
    if (this.#hasMore) return;
    this.#hasMore = true;
    this.#notices.push({ code: 'dropped', path: 'choices[1]', message: 'Responses hold one answer; the others were left out.' });
  }
}

function headOf(envelope: Envelope, echo: JsonObject, model: string, provider: string | undefined): ResponseHead {
  return { envelope, echo, model, ...(provider === undefined ? {} : { provider }) };
}

function unsayable(part: PartOpening, index: number): Notice {
  const what = part.kind === 'media' ? part.medium : part.kind === 'opaque' ? 'block' : part.kind;
  return { code: 'dropped', path: `output[${index}]`, message: `Responses have no place for this ${what} of the answer.` };
}

/** An answer that was cut before its host gave a reason is incomplete, without one. */
function statusOf(ended: AnswerEnd | undefined): 'completed' | 'incomplete' | 'failed' {
  switch (ended?.reason) {
    case 'stop':
    case 'tool-calls':
    case 'other':
      return 'completed';
    case 'error':
      return 'failed';
    case 'length':
    case 'content-filter':
    case undefined:
      return 'incomplete';
  }
}

function incompleteReasonOf(ended: AnswerEnd | undefined): ResponseProgress['incompleteReason'] {
  if (ended?.reason === 'length') return 'max_output_tokens';
  return ended?.reason === 'content-filter' ? 'content_filter' : undefined;
}
