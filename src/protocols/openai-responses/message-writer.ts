import type { PartDelta } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import { carriedFields } from '../../model/protocol.ts';
import { writeCitation } from './citations.ts';
import type { ItemFrame, ItemWriter } from './item-frame.ts';
import { writeLogprobs } from './logprobs.ts';
import type { PartWriter } from './part-writer.ts';
import type { ContentPart, ItemStatus, Logprob, MessageItem, UrlCitation } from './wire-types.ts';

const none: Logprob[] = [];

/** A message item: each text and refusal is one of its content parts. */
export class MessageWriter implements ItemWriter {
  readonly frame: ItemFrame;
  readonly #content: ContentPart[] = [];
  openParts = 0;

  constructor(frame: ItemFrame) {
    this.frame = frame;
    frame.add(this.#item('in_progress'));
  }

  /** `carried`: fields of the content part without a word in the model. */
  openText(carried: JsonObject): PartWriter {
    const { sink } = this.frame;
    const place = this.#place();
    const pieces: string[] = [];
    const annotations: UrlCitation[] = [];
    const logprobs: Logprob[] = [];
    const part = (): ContentPart => ({
      ...carried,
      type: 'output_text',
      text: pieces.join(''),
      annotations,
      logprobs,
    });
    this.#open(part());
    const write = sink.deltas({ type: 'response.output_text.delta', ...place });
    return {
      item: this,
      delta: (delta: PartDelta) => {
        if (delta.kind === 'citation') {
          const annotation = {
            ...carriedFields(delta.citation.carry, 'openai-responses'),
            ...writeCitation(delta.citation),
          };
          const event = { annotation_index: annotations.length, annotation };
          annotations.push(annotation);
          sink.emit({ type: 'response.output_text.annotation.added', ...place, ...event });
        } else if (delta.kind === 'text') {
          const told = delta.logprobs === undefined ? none : writeLogprobs(delta.logprobs);
          pieces.push(delta.text);
          for (const one of told) logprobs.push(one);
          write({ delta: delta.text, logprobs: told });
        }
      },
      end: () => {
        sink.emit({ type: 'response.output_text.done', ...place, text: pieces.join(''), logprobs });
        this.#end(place.content_index, part());
      },
    };
  }

  openRefusal(carried: JsonObject): PartWriter {
    const { sink } = this.frame;
    const place = this.#place();
    const pieces: string[] = [];
    const part = (): ContentPart => ({ ...carried, type: 'refusal', refusal: pieces.join('') });
    this.#open(part());
    const write = sink.deltas({ type: 'response.refusal.delta', ...place });
    return {
      item: this,
      delta: (delta: PartDelta) => {
        if (delta.kind !== 'text') return;
        pieces.push(delta.text);
        write({ delta: delta.text });
      },
      end: () => {
        sink.emit({ type: 'response.refusal.done', ...place, refusal: pieces.join('') });
        this.#end(place.content_index, part());
      },
    };
  }

  finish(status: 'completed' | 'incomplete'): void {
    this.frame.finish(this.#item(status));
  }

  #item(status: ItemStatus): MessageItem {
    return { type: 'message', id: this.frame.id, status, role: 'assistant', content: [...this.#content] };
  }

  #place() {
    return { ...this.frame.place, content_index: this.#content.length };
  }

  #open(part: ContentPart): void {
    this.frame.sink.emit({ type: 'response.content_part.added', ...this.#place(), part });
    this.#content.push(part);
    this.openParts += 1;
  }

  #end(index: number, part: ContentPart): void {
    this.#content[index] = part;
    this.openParts -= 1;
    this.frame.sink.emit({ type: 'response.content_part.done', ...this.frame.place, content_index: index, part });
  }
}
