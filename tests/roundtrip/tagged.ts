import type { Answer, Choice } from '../../src/model/answer.ts';
import type { MediaSource, Part } from '../../src/model/part.ts';
import type { GenerateRequest } from '../../src/model/request.ts';

/*
 * Every word of a conversation gets a number of its own, so that a piece is found again wherever a translation has put it, and two pieces that
 * happened to be alike are never taken for each other.
 */

/** The numbers in a text, in their order. */
export function tagsIn(text: string): readonly number[] {
  return [...text.matchAll(/~(\d+)~/g)].map(([, number]) => Number(number));
}

export function tagged(request: GenerateRequest): GenerateRequest {
  const next = counter();
  return {
    ...request,
    turns: request.turns.map((turn) => ({ ...turn, parts: turn.parts.map((part) => taggedPart(part, next)) })),
    tools: request.tools.map((tool, index) => ({ ...tool, name: `${tool.name}-${index}` })),
  };
}

/** The same for an answer. Ids of calls are unique in all its choices. */
export function taggedAnswer(answer: Answer): Answer {
  const next = counter();
  const choices = answer.choices.map((choice, index): Choice => ({
    ...choice,
    parts: choice.parts.map((part) => {
      const numbered = taggedPart(part, next);
      return numbered.kind === 'tool-call' ? { ...numbered, callId: `${numbered.callId}-${index}` } : numbered;
    }),
  }));
  return { ...answer, choices };
}

function counter(): () => string {
  let last = 0;
  return () => `~${++last}~`;
}

function taggedPart(part: Part, next: () => string): Part {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      // Behind the text, where no place of a citation moves. A text must not look as if it had a number already.
      return { ...part, text: part.text.replaceAll('~', '-') + next() };
    case 'tool-result':
      return { ...part, parts: part.parts.map((inner) => taggedPart(inner, next)) };
    case 'media':
      return { ...part, source: taggedSource(part.source, next) };
    case 'opaque':
      return { ...part, value: { type: 'x_block', tag: next(), value: part.value } };
    case 'tool-call':
      return part;
  }
}

function taggedSource(source: MediaSource, next: () => string): MediaSource {
  switch (source.kind) {
    case 'url':
      return { ...source, url: source.url + next() };
    case 'bytes':
      return { ...source, base64: Buffer.from(next().padStart(9, '.')).toString('base64') };
    case 'frames':
      return { ...source, urls: source.urls.map((url) => url + next()) };
    case 'file':
      return { ...source, id: source.id + next() };
  }
}

/** By what a part is found again: the number of its words, or the id of its call. Empty for one without any. */
export function identities(part: Part): readonly string[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning': {
      const words = tagsIn(part.text).map((number) => `word ${number}`);
      // A codec has words of its own for some things, such as which call a picture belongs to.
      return words.length === 0 ? [`said ${part.text}`] : words;
    }
    case 'media':
      return tagsIn(wordsOf(part.source)).map((number) => `word ${number}`);
    case 'opaque':
      return tagsIn(JSON.stringify(part.value)).map((number) => `word ${number}`);
    case 'tool-call':
      return [`call ${part.callId}`];
    case 'tool-result':
      return [`result ${part.callId}`];
  }
}

function wordsOf(source: MediaSource): string {
  switch (source.kind) {
    case 'url':
      return decoded(source.url);
    case 'bytes':
      return Buffer.from(source.base64, 'base64').toString();
    case 'frames':
      return source.urls.join(' ');
    case 'file':
      return source.id;
  }
}

/** An address may have become a data: URL, or the other way round. */
function decoded(url: string): string {
  const base64 = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
  return base64 === undefined ? url : Buffer.from(base64, 'base64').toString();
}
