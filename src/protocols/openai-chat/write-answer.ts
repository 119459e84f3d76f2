import type { Answer, Choice } from '../../model/answer.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { MediaPart, Part, ReasoningPart, RefusalPart, TextPart } from '../../model/part.ts';
import type { Envelope } from '../codec.ts';
import type { CarryPlace } from './choice-reader.ts';
import { withCarried } from '../wire/carried.ts';
import { writeCitation } from './citations.ts';
import { isArray } from '../wire/fields.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { writeFinishReason } from './finish-reason.ts';
import { plainFlavour, type Flavour } from './flavour.ts';
import { writeLogprobs } from '../wire/logprobs.ts';
import { opaqueCall } from './opaque-call.ts';
import { writeDetail } from './reasoning-details.ts';
import { wire } from '../wire/said.ts';
import { writeRouting } from '../wire/told-routing.ts';
import { writeMeta, writeUsage } from './write-usage.ts';

/**
 * The whole reply. Its shape is the one that all measured clients accept on both of their version lines (openai 6 and 7, the AI SDK's
 * openai, openai-compatible and alibaba providers, both OpenRouter clients), each field for one of them:
 * `system_fingerprint` may be null and must be there; both names of the thoughts; details with numbers.
 */
export function writeAnswer(answer: Answer, envelope: Envelope): JsonObject {
  return writeFlavouredAnswer(answer, envelope, plainFlavour);
}

export function writeFlavouredAnswer(answer: Answer, envelope: Envelope, flavour: Flavour): JsonObject {
  const { usage, bill } = answer;
  const told: Notice[] = [...answer.notices];
  const choices = answer.choices.map((choice, index) => writeChoice(choice, index, { answer, told, flavour }));
  const written = wire({
    id: envelope.id,
    object: 'chat.completion',
    created: envelope.createdAt,
    model: answer.model ?? envelope.model,
    provider: answer.provider ?? envelope.provider,
    routing: writeRouting(answer.attempts),
    choices,
    usage: usage === undefined ? undefined : { ...writeUsage(usage, bill), ...flavour.usageFields?.(usage, bill) },
    meta: bill === undefined ? undefined : writeMeta(bill, envelope.creditsPerUsd),
    notices: told.length === 0 ? undefined : told.map(writeNotice),
  });
  // Present in every whole reply, null where no host told one: @openrouter/sdk asks for the key.
  return { system_fingerprint: null, ...withCarried(written, carriedAt(answer, 'body')) };
}

function carriedAt(answer: Answer, place: CarryPlace, choice?: number): JsonObject {
  const found = answer.carried.find((one) => one.protocol === 'openai-chat' && one.place === place && one.answer === choice);
  return found?.fields ?? {};
}

/** What the choices of one answer share while they are written. */
interface Writing {
  readonly answer: Answer;
  readonly told: Notice[];
  readonly flavour: Flavour;
}

function writeChoice(choice: Choice, index: number, writing: Writing): JsonObject {
  const { answer } = writing;
  const { reason } = choice;
  const word = reason === undefined ? null : writeFinishReason(reason);
  const logprobs = logprobsOf(choice.parts);
  const written = wire({
    index,
    finish_reason: word,
    native_finish_reason: choice.providerReason ?? word,
    stop_reason: choice.stopSequence,
    logprobs,
    message: writeMessage(choice.parts, index, carriedAt(answer, 'message', index), writing),
  });
  return withCarried(written, carriedAt(answer, 'choice', index));
}

function logprobsOf(parts: readonly Part[]): JsonObject | null {
  const content = parts.flatMap((part) => (part.kind === 'text' ? (part.logprobs ?? []) : []));
  const refusal = parts.flatMap((part) => (part.kind === 'refusal' ? (part.logprobs ?? []) : []));
  return content.length === 0 && refusal.length === 0 ? null : writeLogprobs(content, refusal);
}

interface Gathered {
  readonly text: TextPart[];
  readonly refusal: RefusalPart[];
  readonly reasoning: ReasoningPart[];
  readonly audio: MediaPart[];
  readonly calls: Json[];
}

/** A whole message has one place a kind, so parts of one kind are joined there and the order between kinds is the wire's (losses.ts). */
function writeMessage(parts: readonly Part[], choice: number, carried: JsonObject, { told, flavour }: Writing): JsonObject {
  const gathered = gather(parts, choice, told);
  const hasOther = gathered.calls.length > 0 || gathered.audio.length > 0 || gathered.refusal.length > 0;
  const { annotations: others, ...fields } = carried;
  const written = wire({
    role: 'assistant',
    content: gathered.text.length === 0 && hasOther ? null : gathered.text.map((part) => part.text).join(''),
    refusal: gathered.refusal.length === 0 ? null : gathered.refusal.map((part) => part.text).join(''),
    annotations: [...writeAnnotations(gathered.text), ...(isArray(others) ? others : [])],
    ...writeThoughts(gathered.reasoning, flavour),
    audio: writeAudio(gathered.audio[0]),
    tool_calls: gathered.calls.length === 0 ? undefined : gathered.calls,
  });
  return withCarried(written, fields);
}

function gather(parts: readonly Part[], choice: number, told: Notice[]): Gathered {
  const gathered: Gathered = { text: [], refusal: [], reasoning: [], audio: [], calls: [] };
  for (const [index, part] of parts.entries()) {
    switch (part.kind) {
      case 'text':
        gathered.text.push(part);
        break;
      case 'refusal':
        gathered.refusal.push(part);
        break;
      case 'reasoning':
        gathered.reasoning.push(part);
        break;
      case 'media':
        if (part.medium === 'audio' && gathered.audio.length === 0) gathered.audio.push(part);
        else told.push(unsayable(part, choice, index));
        break;
      case 'tool-call':
        // What a server ran is counted in usage.tool_usage; as a tool call the caller would be asked to run it.
        if (part.ranBy === 'caller') gathered.calls.push(writeCall(part, gathered.calls.length));
        break;
      case 'opaque': {
        const call = opaqueCall(part);
        if (call === undefined) told.push(unsayable(part, choice, index));
        else gathered.calls.push(call);
        break;
      }
      case 'tool-result':
        break;
    }
  }
  return gathered;
}

/** Tells that an answer held something that chat completions have no place for. */
export function unsayable(part: { readonly kind: string; readonly medium?: string }, choice: number, index: number): Notice {
  const what = part.medium ?? part.kind;
  const message = `Chat completions have no place for this ${what === 'opaque' ? 'block' : what} of the answer.`;
  return { code: 'dropped', path: `choices[${choice}].parts[${index}]`, message };
}

function writeAnnotations(parts: readonly TextPart[]): readonly JsonObject[] {
  let offset = 0;
  return parts.flatMap((part) => {
    const annotations = (part.citations ?? []).map((citation) => writeCitation(citation, offset));
    offset += part.text.length;
    return annotations;
  });
}

/**
 * `@ai-sdk/alibaba` reads only `reasoning_content`, OpenRouter's clients only the two others. Where the model did not think, both printed
 * answers of seed 003 have the first as an empty text; every measured client takes that for no thought.
 */
function writeThoughts(parts: readonly ReasoningPart[], flavour: Flavour): Record<string, Json> {
  if (parts.length === 0) return { reasoning_content: '' };
  const text = parts.map((part) => part.text).join('');
  return {
    reasoning_content: text,
    reasoning: text,
    reasoning_details: parts.map((part, index) => writeDetail(part.text, part.seal, index, flavour)),
  };
}

function writeAudio(part: MediaPart | undefined): JsonObject | undefined {
  if (part === undefined) return undefined;
  return wire({
    id: part.id,
    data: part.source.kind === 'bytes' ? part.source.base64 : '',
    transcript: part.transcript ?? '',
    expires_at: part.expiresAt,
  });
}

function writeCall(part: Extract<Part, { kind: 'tool-call' }>, index: number): JsonObject {
  const call = { id: part.callId, index, type: 'function', function: { name: part.name, arguments: part.argumentsText } };
  return part.carry?.protocol === 'openai-chat' ? withCarried(call, part.carry.fields) : call;
}
