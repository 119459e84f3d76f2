import type { AnswerEvent, EventBatch, UsageEvent } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { TokenLogprob } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope, StreamWriter } from '../codec.ts';
import { writeFinishReason } from '../openai-chat/finish-reason.ts';
import { wire } from '../wire/said.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { writeFault } from '../openai-chat/write-fault.ts';
import { writeMeta, writeUsage } from '../openai-chat/write-usage.ts';
import { echoOf } from './echo.ts';
import { writeCompletionLogprobs } from './write-completion.ts';

/** Chunks of a completion: text as it comes, the reason of its end, the usage where it was asked for, `[DONE]`. */
export function completionStreamWriter(envelope: Envelope, request: GenerateRequest): StreamWriter {
  return new CompletionWriter(envelope, request);
}

class CompletionWriter implements StreamWriter {
  readonly #envelope: Envelope;
  readonly #request: GenerateRequest;
  /** Characters of the text of each choice so far. */
  readonly #written = new Map<number, number>();
  /** Parts that are text, by answer and index: everything else has no place here. */
  readonly #texts = new Set<string>();
  #head: JsonObject;
  #usage: UsageEvent | undefined;
  #notices: Notice[] = [];

  constructor(envelope: Envelope, request: GenerateRequest) {
    this.#envelope = envelope;
    this.#request = request;
    this.#head = headOf(envelope, envelope.model, envelope.provider);
  }

  write(batch: EventBatch): string {
    return batch.map((event) => this.#event(event)).join('');
  }

  end(): string {
    const { delivery } = this.#request;
    const wantsUsage = delivery.kind === 'stream' && delivery.usage === true;
    const last = wantsUsage && this.#usage !== undefined ? this.#usageFields(this.#usage) : {};
    const isSilent = Object.keys(last).length === 0 && this.#notices.length === 0;
    return `${isSilent ? '' : this.#chunk([], last)}data: [DONE]\n\n`;
  }

  fault(fault: FlashmuxError): string {
    return `data: ${JSON.stringify(writeFault(fault, this.#envelope.requestId))}\n\n`;
  }

  #event(event: AnswerEvent): string {
    switch (event.kind) {
      case 'answer-start':
        this.#head = headOf(this.#envelope, event.model ?? this.#envelope.model, event.provider ?? this.#envelope.provider);
        return '';
      case 'part-start':
        if (event.part.kind === 'text' || event.part.kind === 'refusal') this.#texts.add(`${event.answer} ${event.index}`);
        return '';
      case 'part-delta':
        if (event.delta.kind !== 'text' || !this.#texts.has(`${event.answer} ${event.index}`)) return '';
        return this.#text(event.answer, event.delta.text, event.delta.logprobs, null);
      case 'answer-end':
        return this.#text(event.answer, '', undefined, writeFinishReason(event.reason));
      case 'usage':
        this.#usage = event;
        return '';
      case 'notice':
        this.#notices.push(event.notice);
        return '';
      case 'part-end':
      case 'carry':
        return '';
    }
  }

  #text(index: number, said: string, logprobs: readonly TokenLogprob[] | undefined, reason: string | null): string {
    const before = this.#written.get(index);
    const echo = before === undefined ? echoOf(this.#request, index) : '';
    const text = echo + said;
    this.#written.set(index, (before ?? 0) + text.length);
    const figures = logprobs === undefined ? null : writeCompletionLogprobs(logprobs, (before ?? 0) + echo.length);
    return this.#chunk([{ text, index, logprobs: figures, finish_reason: reason }], {});
  }

  #usageFields({ usage, bill }: UsageEvent): JsonObject {
    const meta = bill === undefined ? {} : { meta: writeMeta(bill, this.#envelope.creditsPerUsd) };
    return { usage: writeUsage(usage, bill), ...meta };
  }

  #chunk(choices: readonly JsonObject[], beside: JsonObject): string {
    const notices = this.#notices.length === 0 ? {} : { notices: this.#notices.map(writeNotice) };
    this.#notices = [];
    return `data: ${JSON.stringify({ ...this.#head, ...beside, ...notices, choices })}\n\n`;
  }
}

function headOf(envelope: Envelope, model: string, provider: string | undefined): JsonObject {
  return wire({ id: envelope.id, object: 'text_completion', created: envelope.createdAt, model, provider });
}
