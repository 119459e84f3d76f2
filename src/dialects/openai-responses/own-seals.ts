import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Seal } from '../../model/part.ts';

/*
 * `encrypted_content` of our own making. It is opaque to a caller and no secret: what it holds was told to that caller anyway, and
 * whoever forges one says nothing that could not be said in a message. It is taken off before a request goes to a model.
 */

const thoughtMark = 'flashmux.text/';
const summaryMark = 'flashmux.summary/';

/**
 * Gives every thought that its host did not seal a seal that holds its text, for callers who asked for `reasoning.encrypted_content`:
 * without one @ai-sdk/openai and @langchain/openai leave thoughts out of what they send back under `store: false`.
 */
export class ThoughtSealer {
  readonly #open = new Map<string, string[]>();

  seal(batch: EventBatch): EventBatch {
    return batch.flatMap((event) => this.#seal(event));
  }

  #seal(event: AnswerEvent): readonly AnswerEvent[] {
    switch (event.kind) {
      case 'part-start':
        // Thoughts of one item share its seal, and only their host knows which of them is the last.
        if (event.part.kind === 'reasoning' && event.part.itemId === undefined) this.#open.set(place(event), []);
        return [event];
      case 'part-delta':
        if (event.delta.kind === 'seal') this.#open.delete(place(event));
        if (event.delta.kind === 'reasoning') this.#open.get(place(event))?.push(event.delta.text);
        return [event];
      case 'part-end': {
        const pieces = this.#open.get(place(event));
        this.#open.delete(place(event));
        if (pieces === undefined) return [event];
        const { answer, index } = event;
        return [{ kind: 'part-delta', answer, index, delta: { kind: 'seal', seal: sealOf(pieces.join('')) } }, event];
      }
      case 'answer-start':
      case 'usage':
      case 'notice':
      case 'carry':
      case 'answer-end':
        return [event];
    }
  }
}

/** The same for a whole answer. */
export function sealedThoughts(answer: Answer): Answer {
  const choices = answer.choices.map((choice) => ({
    ...choice,
    parts: choice.parts.map((part) =>
      part.kind === 'reasoning' && part.seal === undefined && part.itemId === undefined
        ? { ...part, seal: sealOf(part.text) }
        : part,
    ),
  }));
  return { ...answer, choices };
}

function place({ answer, index }: { readonly answer: number; readonly index: number }): string {
  return `${answer}/${index}`;
}

function sealOf(text: string): Seal {
  return { protocol: 'openai-responses', value: sealed(thoughtMark, text) };
}

/** The item that stands for a conversation, with what has been said in it. */
export function compactionItem(id: string, summary: string): JsonObject {
  return { type: 'compaction', id, encrypted_content: sealed(summaryMark, summary) };
}

/** The item as a model is to read it: without our seals, and what only they held in its place. Any other value as it is. */
export function unsealed(item: Json): Json {
  if (!isJsonObject(item)) return item;
  const { type, encrypted_content: encrypted } = item;
  if (type === 'reasoning') {
    const thought = opened(thoughtMark, encrypted);
    if (thought === undefined) return item;
    const { encrypted_content: _, ...rest } = item;
    const isTold = Array.isArray(item['summary']) && item['summary'].length > 0;
    return isTold ? rest : { ...rest, summary: thought === '' ? [] : [{ type: 'summary_text', text: thought }] };
  }
  const summary = type === 'compaction' ? opened(summaryMark, encrypted) : undefined;
  if (summary === undefined) return item;
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text: `${summaryIntroduction}${summary}` }] };
}

const summaryIntroduction = 'The conversation until here, summarised to save space:\n\n';

function sealed(mark: string, text: string): string {
  return `${mark}${Buffer.from(text).toString('base64url')}`;
}

function opened(mark: string, value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(mark)) return undefined;
  return Buffer.from(value.slice(mark.length), 'base64url').toString();
}
