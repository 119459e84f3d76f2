import type { Answer, Choice } from './answer.ts';
import type { AnswerEvent, AnswerStart, Bill, CarryEvent, PartDelta, PartOpening } from './event.ts';
import type { Citation, MediaSource, Part, Seal, TokenLogprob } from './part.ts';
import type { JsonObject } from './json.ts';
import type { Notice } from './notice.ts';
import type { Usage } from './usage.ts';

/**
 * Folds answer events into the whole answer. Pure but for its own state: give it every event once, in order, then call `answer`.
 * Deltas are kept as pieces and joined once, so that a long answer costs no more than its length.
 */
export class Fold {
  #start: Omit<AnswerStart, 'kind'> = {};
  #usage: Usage | undefined;
  #bill: Bill | undefined;
  readonly #notices: Notice[] = [];
  readonly #carried: Omit<CarryEvent, 'kind'>[] = [];
  readonly #choices: Gathered[] = [];

  add(event: AnswerEvent): void {
    switch (event.kind) {
      case 'answer-start': {
        const { kind: _, ...start } = event;
        this.#start = start;
        return;
      }
      case 'part-start':
        this.#choice(event.answer).parts[event.index] = new GatheredPart(event.part);
        return;
      case 'part-delta':
        this.#choice(event.answer).parts[event.index]?.add(event.delta);
        return;
      case 'part-end':
        return;
      case 'usage':
        this.#usage = event.usage;
        if (event.bill !== undefined) this.#bill = event.bill;
        return;
      case 'notice':
        this.#notices.push(event.notice);
        return;
      case 'carry':
        this.#carry(event);
        return;
      case 'answer-end': {
        const { kind: _, answer, ...end } = event;
        this.#choice(answer).end = end;
        return;
      }
    }
  }

  answer(): Answer {
    return {
      ...this.#start,
      choices: this.#choices.map((choice) => ({ parts: choice.parts.map((part) => part.part()), ...choice.end })),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#bill === undefined ? {} : { bill: this.#bill }),
      notices: this.#notices,
      carried: this.#carried,
    };
  }

  #choice(answer: number): Gathered {
    // Answers may start out of order; a hole would become an undefined choice.
    for (let index = this.#choices.length; index <= answer; index++) this.#choices.push({ parts: [], end: {} });
    const choice = this.#choices[answer];
    if (choice === undefined) throw new RangeError(`answer ${answer} is no answer number`);
    return choice;
  }

  #carry(event: CarryEvent): void {
    const { kind: _, ...carried } = event;
    const index = this.#carried.findIndex(
      (known) => known.protocol === event.protocol && known.place === event.place && known.answer === event.answer,
    );
    const known = this.#carried[index];
    if (known === undefined) this.#carried.push(carried);
    else this.#carried[index] = { ...known, fields: merge(known.fields, event.fields) };
  }
}

/** The whole answer of a finite list of events. */
export function fold(events: Iterable<AnswerEvent>): Answer {
  const folding = new Fold();
  for (const event of events) folding.add(event);
  return folding.answer();
}

interface Gathered {
  readonly parts: GatheredPart[];
  end: Omit<Choice, 'parts'>;
}

function merge(older: JsonObject, newer: JsonObject): JsonObject {
  return { ...older, ...newer };
}

class GatheredPart {
  readonly #opening: PartOpening;
  readonly #text: string[] = [];
  readonly #transcript: string[] = [];
  readonly #logprobs: TokenLogprob[] = [];
  readonly #citations: Citation[] = [];
  #seal: Seal | undefined;

  constructor(opening: PartOpening) {
    this.#opening = opening;
  }

  add(delta: PartDelta): void {
    switch (delta.kind) {
      case 'text':
        this.#text.push(delta.text);
        if (delta.logprobs !== undefined) this.#logprobs.push(...delta.logprobs);
        return;
      case 'reasoning':
      case 'arguments':
        this.#text.push(delta.text);
        return;
      case 'citation':
        this.#citations.push(delta.citation);
        return;
      case 'seal':
        this.#seal = delta.seal;
        return;
      case 'media':
        if (delta.base64 !== undefined) this.#text.push(delta.base64);
        if (delta.transcript !== undefined) this.#transcript.push(delta.transcript);
        return;
    }
  }

  part(): Part {
    const opening = this.#opening;
    const text = this.#text.join('');
    const logprobs = this.#logprobs.length === 0 ? {} : { logprobs: this.#logprobs };
    switch (opening.kind) {
      case 'text':
        return { ...opening, text, ...logprobs, ...(this.#citations.length === 0 ? {} : { citations: this.#citations }) };
      case 'refusal':
        return { ...opening, text, ...logprobs };
      case 'reasoning':
        return { ...opening, text, ...(this.#seal === undefined ? {} : { seal: this.#seal }) };
      case 'media':
        return {
          kind: 'media',
          medium: opening.medium,
          source: mediaSource(text, opening.format),
          ...(opening.id === undefined ? {} : { id: opening.id }),
          ...(opening.expiresAt === undefined ? {} : { expiresAt: opening.expiresAt }),
          ...(this.#transcript.length === 0 ? {} : { transcript: this.#transcript.join('') }),
        };
      case 'tool-call':
        return { ...opening, argumentsText: text };
      case 'opaque':
        return opening;
    }
  }
}

function mediaSource(base64: string, format: string | undefined): MediaSource {
  return { kind: 'bytes', base64, ...(format === undefined ? {} : { format }) };
}
