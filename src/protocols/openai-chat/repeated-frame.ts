import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { isArray } from '../wire/fields.ts';

/** Each costs one more parse; a host that changes something else in every frame would cost it for each. */
const mostLessons = 8;

/**
 * Most frames of a stream are the one before with another word in it. What stands around the word is learnt from one frame, and a frame that
 * has the same around it is read without parsing it: the same text around one JSON string is the same JSON around it. docs/decisions/0018.
 */
export class RepeatedFrame {
  #around: { readonly before: string; readonly after: string } | undefined;
  #lessons = 0;

  /** The word of a frame that is the last learnt one but for its word; undefined for every other, and for a word with escapes. */
  wordOf(data: string): string | undefined {
    const literal = this.#literalIn(data);
    return literal === undefined || literal === '' || hasEscapes.test(literal) ? undefined : unshared(literal);
  }

  /** To be told of each frame that was parsed, with what it said: any other frame may have changed what the next one means. */
  learn(data: string, events: readonly AnswerEvent[]): void {
    const literal = this.#literalIn(data);
    if (literal !== undefined && isOneString.test(literal)) return;
    this.#around = undefined;
    const word = onlyWordOf(events);
    if (word === undefined || this.#lessons >= mostLessons) return;
    this.#lessons++;
    const written = JSON.stringify(word);
    const at = data.indexOf(written);
    if (at === -1 || data.includes(written, at + 1)) return;
    const around = { before: data.slice(0, at + 1), after: data.slice(at + written.length - 1) };
    // Not all strings of a frame are its word: only one that is may be exchanged.
    if (isWordOf(parseJson(`${around.before}${probe}${around.after}`), probe)) this.#around = around;
  }

  /** What stands where the word stood, in a frame that has the same around it. */
  #literalIn(data: string): string | undefined {
    if (this.#around === undefined) return undefined;
    const { before, after } = this.#around;
    const isLongEnough = data.length >= before.length + after.length;
    if (!isLongEnough || !data.startsWith(before) || !data.endsWith(after)) return undefined;
    return data.slice(before.length, data.length - after.length);
  }
}

const probe = 'another word';

/** What cannot stand in a JSON string as it is: then the frame is parsed. */
// oxlint-disable-next-line no-control-regex
const hasEscapes = /["\\\u0000-\u001F]/;

/** What is the inside of one JSON string, escapes and all, and not the end of one and more behind it. */
const isOneString = /^(?:[^"\\]|\\.)*$/s;

/** V8 makes a slice of 13 letters and more a view of the text it is from: a word that is kept would keep its whole chunk. */
function unshared(word: string): string {
  return word.length < 13 ? word : Buffer.from(word).toString();
}

/** The text of a frame that says nothing but that it goes on. */
function onlyWordOf([event, ...more]: readonly AnswerEvent[]): string | undefined {
  if (event?.kind !== 'part-delta' || more.length > 0) return undefined;
  const { delta } = event;
  if (delta.kind === 'reasoning') return delta.text;
  return delta.kind === 'text' && delta.logprobs === undefined ? delta.text : undefined;
}

function isWordOf(chunk: Json | undefined, word: string): boolean {
  const choices = isJsonObject(chunk) ? chunk['choices'] : undefined;
  const choice = isArray(choices) ? choices[0] : undefined;
  const delta = isJsonObject(choice) ? choice['delta'] : undefined;
  if (!isArray(choices) || choices.length !== 1 || !isJsonObject(delta)) return false;
  return delta['content'] === word || delta['reasoning_content'] === word || delta['reasoning'] === word;
}
