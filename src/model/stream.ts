import type { AnswerEvent, AnswerStream, EventBatch } from './event.ts';
import { Fold } from './fold.ts';
import type { Answer } from './answer.ts';
import type { Part } from './part.ts';

/** The whole answer of a stream. Throws what the stream throws. */
export async function foldStream(stream: AnswerStream): Promise<Answer> {
  const folding = new Fold();
  for await (const batch of stream) for (const event of batch) folding.add(event);
  return folding.answer();
}

/** All events of a stream in one list. */
export async function collect(stream: AnswerStream): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  return events;
}

/** The events of a whole answer: `fold(unfold(answer))` is the answer. */
export function unfold(answer: Answer): EventBatch {
  const events: AnswerEvent[] = [];
  const { choices, usage, bill, notices, carried, ...start } = answer;
  events.push({ kind: 'answer-start', ...start });
  for (const notice of notices) events.push({ kind: 'notice', notice });
  for (const carry of carried) events.push({ kind: 'carry', ...carry });
  for (const [number, choice] of choices.entries()) {
    const { parts, reason, ...end } = choice;
    for (const [index, part] of parts.entries()) events.push(...unfoldPart(number, index, part));
    if (reason !== undefined) events.push({ kind: 'answer-end', answer: number, reason, ...end });
  }
  if (usage !== undefined) events.push({ kind: 'usage', usage, ...(bill === undefined ? {} : { bill }) });
  return events;
}

function unfoldPart(answer: number, index: number, part: Answer['choices'][number]['parts'][number]): AnswerEvent[] {
  const at = { answer, index };
  const end: AnswerEvent = { kind: 'part-end', ...at };
  switch (part.kind) {
    case 'text': {
      const logprobs = part.logprobs === undefined ? {} : { logprobs: part.logprobs };
      return [
        { kind: 'part-start', ...at, part: { kind: 'text', ...itemOf(part) } },
        { kind: 'part-delta', ...at, delta: { kind: 'text', text: part.text, ...logprobs } },
        ...(part.citations ?? []).map((citation): AnswerEvent => ({
          kind: 'part-delta',
          ...at,
          delta: { kind: 'citation', citation },
        })),
        end,
      ];
    }
    case 'refusal': {
      const logprobs = part.logprobs === undefined ? {} : { logprobs: part.logprobs };
      return [
        { kind: 'part-start', ...at, part: { kind: 'refusal', ...itemOf(part) } },
        { kind: 'part-delta', ...at, delta: { kind: 'text', text: part.text, ...logprobs } },
        end,
      ];
    }
    case 'reasoning':
      return [
        { kind: 'part-start', ...at, part: { kind: 'reasoning', ...itemOf(part) } },
        { kind: 'part-delta', ...at, delta: { kind: 'reasoning', text: part.text } },
        ...(part.seal === undefined ? [] : [{ kind: 'part-delta', ...at, delta: { kind: 'seal', seal: part.seal } } as const]),
        end,
      ];
    case 'tool-call': {
      const { argumentsText, cacheMark: _, ...opening } = part;
      return [
        { kind: 'part-start', ...at, part: opening },
        { kind: 'part-delta', ...at, delta: { kind: 'arguments', text: argumentsText } },
        end,
      ];
    }
    case 'media': {
      const format = part.source.kind === 'bytes' && part.source.format !== undefined ? { format: part.source.format } : {};
      const expiry = part.expiresAt === undefined ? {} : { expiresAt: part.expiresAt };
      const id = part.id === undefined ? {} : { id: part.id };
      const base64 = part.source.kind === 'bytes' ? { base64: part.source.base64 } : {};
      const transcript = part.transcript === undefined ? {} : { transcript: part.transcript };
      return [
        { kind: 'part-start', ...at, part: { kind: 'media', medium: part.medium, ...id, ...format, ...expiry } },
        { kind: 'part-delta', ...at, delta: { kind: 'media', ...base64, ...transcript } },
        end,
      ];
    }
    case 'opaque':
      return [{ kind: 'part-start', ...at, part: { kind: 'opaque', protocol: part.protocol, value: part.value } }, end];
    case 'tool-result':
      // A model does not say tool results; the parts of an answer cannot hold one.
      return [];
  }
}

/** What an opening says of its item. */
function itemOf({ itemId, carry }: Part): Pick<Part, 'itemId' | 'carry'> {
  return { ...(itemId === undefined ? {} : { itemId }), ...(carry === undefined ? {} : { carry }) };
}
