import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Part, ReasoningPart, TextPart, ToolCallPart } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { writeCitation } from './citations.ts';
import { redactedData, writeSignature } from './signature.ts';
import { writeInput } from './tool-input.ts';

/**
 * The content block of one part of an answer. Undefined where it says nothing, or, with a notice, where this wire cannot say it.
 * `citations`: those of the part that were carried, because they point into documents.
 */
export function writePart(part: Part, index: number, citations: readonly Json[], told: Notice[]): Json | undefined {
  switch (part.kind) {
    case 'text':
      return writeText(part, citations);
    case 'refusal':
      return part.text === '' ? undefined : withCarried({ type: 'text', text: part.text }, carriedOf(part));
    case 'reasoning':
      return writeThought(part);
    case 'tool-call':
      // What a server ran is counted in the usage; as a tool call the caller would be asked to run it.
      return part.ranBy === 'caller' ? writeCall(part) : undefined;
    case 'opaque':
      if (part.protocol === 'anthropic-messages') return part.value;
      told.push(unsayable(part, index));
      return undefined;
    case 'media':
      told.push(unsayable(part, index));
      return undefined;
    case 'tool-result':
      return undefined;
  }
}

/** `citations` is left out where there are none: null breaks @ai-sdk/anthropic 3. */
function writeText(part: TextPart, others: readonly Json[]): JsonObject | undefined {
  const citations = [...(part.citations ?? []).map(writeCitation), ...others];
  if (part.text === '' && citations.length === 0) return undefined;
  return withCarried({ type: 'text', text: part.text, ...(citations.length === 0 ? {} : { citations }) }, carriedOf(part));
}

function writeThought(part: ReasoningPart): JsonObject | undefined {
  if (part.text === '' && part.seal === undefined) return undefined;
  const data = part.text === '' ? redactedData(part.seal) : undefined;
  if (data !== undefined) return withCarried({ type: 'redacted_thinking', data }, carriedOf(part));
  return withCarried({ type: 'thinking', thinking: part.text, signature: writeSignature(part.seal) }, carriedOf(part));
}

function writeCall(part: ToolCallPart): JsonObject {
  return callStart(part, writeInput(part.argumentsText).input);
}

/** A `tool_use` block. The types of the clients ask for `caller`: the model itself, where no host told another. */
export function callStart(call: Pick<ToolCallPart, 'callId' | 'name' | 'carry'>, input: JsonObject): JsonObject {
  const written = withCarried({ type: 'tool_use', id: call.callId, name: call.name, input }, carriedOf(call));
  return { caller: { type: 'direct' }, ...written };
}

/** The carried fields that may be written here. */
export function carriedOf({ carry }: Pick<Part, 'carry'>): JsonObject {
  return carriedFields(carry, 'anthropic-messages');
}

/** Tells that an answer held something that Anthropic Messages have no place for. */
export function unsayable(part: { readonly kind: string; readonly medium?: string }, index: number): Notice {
  const what = part.kind === 'opaque' ? 'block' : (part.medium ?? part.kind);
  return {
    code: 'dropped',
    path: `content[${index}]`,
    message: `Anthropic Messages have no place for this ${what} of the answer.`,
  };
}

/** A block whose `input` clients of a stream expect in pieces: its start without, and the JSON text of it. */
export function splitInput(block: Json): { readonly start: Json; readonly inputText: string | undefined } {
  if (!isJsonObject(block) || !isJsonObject(block['input'])) return { start: block, inputText: undefined };
  return { start: { ...block, input: {} }, inputText: JSON.stringify(block['input']) };
}
