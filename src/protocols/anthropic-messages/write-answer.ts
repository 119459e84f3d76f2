import type { Answer } from '../../model/answer.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Envelope } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { wire } from '../wire/said.ts';
import { writeRouting } from '../wire/told-routing.ts';
import { writeStopReason } from './stop-reason.ts';
import { writePart } from './write-part.ts';
import { unsaid, writeFirstUsage, writeUsage } from './write-usage.ts';

/**
 * The whole reply: every field that the types of both lines of @anthropic-ai/sdk ask for, null where there is nothing to tell, and ours
 * beside them (`provider`, `routing`, `notices`, `native_stop_reason`), which all measured clients pass over.
 */
export function writeAnswer(answer: Answer, envelope: Envelope): JsonObject {
  const [choice, ...others] = answer.choices;
  const told: Notice[] = [...answer.notices, ...others.map((_, index) => anotherAnswer(index + 1))];
  const content = (choice?.parts ?? []).flatMap((part, index): Json[] => {
    const block = writePart(part, index, citationsAt(answer, index), told);
    return block === undefined ? [] : [block];
  });
  const stop = choice?.reason === undefined ? undefined : writeStopReason({ ...choice, reason: choice.reason });
  const { usage, bill } = answer;
  const written = {
    ...messageHead(answer, envelope),
    content,
    ...(stop ?? nothingStopped),
    usage:
      usage === undefined ? writeFirstUsage({ total: envelope.inputTokens ?? 0 }) : { ...unsaid, ...writeUsage(usage, bill) },
    ...(told.length === 0 ? {} : { notices: told.map(writeNotice) }),
  };
  return { ...emptyFields, ...withCarried(written, carriedAt(answer, messagePlace)) };
}

/** Fields of a message that the types ask for and that only a host of Anthropic's kind fills. */
export const emptyFields = { container: null, diagnostics: null, stop_details: null } as const;
export const nothingStopped = { stop_reason: null, stop_sequence: null } as const;

/** Where carried fields of an answer stand: in the message, or in one block, which is for `citations` that have no word. */
export const messagePlace = 'message';
export function contentPlace(index: number): string {
  return `content[${index}]`;
}

export function messageHead(answer: Pick<Answer, 'model' | 'provider' | 'attempts'>, envelope: Envelope): JsonObject {
  return wire({
    id: envelope.id,
    type: 'message',
    role: 'assistant',
    model: answer.model ?? envelope.model,
    provider: answer.provider ?? envelope.provider,
    routing: writeRouting(answer.attempts),
  });
}

export function anotherAnswer(number: number): Notice {
  return { code: 'dropped', path: `choices[${number}]`, message: 'Anthropic Messages hold one answer.' };
}

function citationsAt(answer: Answer, index: number): readonly Json[] {
  const { citations } = carriedAt(answer, contentPlace(index));
  return isArray(citations) ? citations : [];
}

function carriedAt(answer: Answer, place: string): JsonObject {
  return answer.carried.find((one) => one.protocol === 'anthropic-messages' && one.place === place)?.fields ?? {};
}
