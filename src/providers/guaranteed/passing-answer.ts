import type { AnswerEnd, AnswerEvent } from '../../model/event.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Approach } from './approach.ts';
import type { WantedForm } from './form-check.ts';
import { isCut } from './given-answer.ts';
import type { SchemaChecker } from './schema-checker.ts';

/** Longer texts pass unchecked. */
const maxCheckedCharacters = 4_000_000;

/**
 * Watches an answer go by whose form or call its host holds. The text has left already when it turns out that the host did not: a notice
 * right before the end says so, and nothing else can be done.
 */
export class PassingAnswer {
  readonly #approach: Approach;
  readonly #checker: SchemaChecker;
  readonly #answers = new Map<number, Passing>();

  constructor(approach: Approach, checker: SchemaChecker) {
    this.#approach = approach;
    this.#checker = checker;
  }

  /** The events as they are, with what is to be told of them. Never rejects. */
  async take(batch: readonly AnswerEvent[]): Promise<readonly AnswerEvent[]> {
    const told: AnswerEvent[] = [];
    for (const event of batch) {
      if (event.kind === 'part-start') this.#answer(event.answer).start(event.part.kind);
      else if (event.kind === 'part-delta' && event.delta.kind === 'text') this.#answer(event.answer).add(event.delta.text);
      else if (event.kind === 'answer-end') told.push(...(await this.#ending(event)));
      told.push(event);
    }
    return told;
  }

  #answer(number: number): Passing {
    const known = this.#answers.get(number);
    if (known !== undefined) return known;
    const passing = new Passing();
    this.#answers.set(number, passing);
    return passing;
  }

  async #ending(end: AnswerEnd): Promise<readonly AnswerEvent[]> {
    const { form, call } = this.#approach;
    const passed = this.#answer(end.answer);
    this.#answers.delete(end.answer);
    if (isCut(end) || passed.hasRefused || passed.hasCalled) return [];
    if (call !== undefined) return [unmet('tool_choice', 'The model called no tool, although the host was told that it has to.')];
    const text = passed.text;
    const complaint = form === undefined || text === undefined ? undefined : await this.#complaintOf(text, form);
    return complaint === undefined
      ? []
      : [unmet('response_format', `The host did not hold the form of the answer. ${complaint}`)];
  }

  async #complaintOf(text: string, form: WantedForm): Promise<string | undefined> {
    const value = parseJson(text);
    if (value === undefined) return 'The text is no JSON.';
    if (form.kind === 'json' || form.schema === undefined)
      return isJsonObject(value) ? undefined : 'The text is JSON, but no object.';
    // A schema that cannot be checked here is the host's own affair: it has taken it.
    return this.#checker.check(form.schema, text).catch(() => undefined);
  }
}

/** What went by of one answer. */
class Passing {
  hasCalled = false;
  hasRefused = false;
  readonly #pieces: string[] = [];
  #characters = 0;

  start(kind: string): void {
    if (kind === 'tool-call') this.hasCalled = true;
    if (kind === 'refusal') this.hasRefused = true;
  }

  add(text: string): void {
    this.#characters += text.length;
    if (this.#characters <= maxCheckedCharacters) this.#pieces.push(text);
    else this.#pieces.length = 0;
  }

  /** Undefined: too long to be kept. */
  get text(): string | undefined {
    return this.#characters <= maxCheckedCharacters ? this.#pieces.join('') : undefined;
  }
}

function unmet(path: string, message: string): AnswerEvent {
  return { kind: 'notice', notice: { code: 'ignored', path, message } };
}
