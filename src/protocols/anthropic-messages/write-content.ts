import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import type { CacheMarks } from './cache-marks.ts';
import { writeCitation } from './citations.ts';
import type { Notices } from '../wire/notices.ts';
import type { Place } from './read-content.ts';
import { redactedData, writeSignature } from './signature.ts';
import { writeInput } from './tool-input.ts';
import { writeMedia } from './write-media.ts';

/** What a writer of blocks needs beside the parts. */
export interface Writing {
  readonly notices: Notices;
  readonly marks: CacheMarks;
}

/** The blocks of parts, in their order: this wire moves nothing. `path` is that of the list in the caller's request. */
export function writeBlocks(parts: readonly Part[], path: string, place: Place, writing: Writing): readonly Json[] {
  return parts.map((part, index) => writeBlock(part, `${path}[${index}]`, place, writing)).filter((block) => block !== undefined);
}

/** One plain text is a string, because every server of this wire reads that. */
export function asContent(blocks: readonly Json[]): Json {
  const first = blocks[0];
  if (first === undefined) return '';
  return blocks.length === 1 && isPlainText(first) ? first.text : blocks;
}

function isPlainText(block: Json): block is { readonly type: 'text'; readonly text: string } {
  return isJsonObject(block) && block['type'] === 'text' && typeof block['text'] === 'string' && Object.keys(block).length === 2;
}

function writeBlock(part: Part, path: string, place: Place, writing: Writing): Json | undefined {
  const { notices } = writing;
  switch (part.kind) {
    case 'text':
      return writeText(part, path, writing);
    case 'refusal':
      notices.add('moved', path, 'Anthropic Messages have no refusal in a field of its own; it is said as text.');
      return writeText({ ...part, kind: 'text' }, path, writing);
    case 'media': {
      if (place === 'user' || place === 'result') {
        const carried = notices.own(part.carry, path);
        const written = writeMedia(part, path, carried, notices);
        return written && withCarried({ ...written, ...writing.marks.write(part, path) }, carried);
      }
      break;
    }
    case 'reasoning':
      if (place === 'assistant') return writeThought(part, path, notices);
      break;
    case 'tool-call':
      if (place === 'assistant' && part.ranBy === 'caller') return writeCall(part, path, writing);
      break;
    case 'tool-result':
      if (place === 'user') return writeResult(part, path, writing);
      break;
    case 'opaque':
      if (part.protocol === 'anthropic-messages') return part.value;
      break;
  }
  notices.dropped(path, `Anthropic Messages have no place for this ${nameOf(part)} here.`);
  return undefined;
}

function nameOf(part: Part): string {
  if (part.kind === 'opaque') return `block of ${part.protocol}`;
  if (part.kind === 'tool-call' && part.ranBy !== 'caller') return `tool call that a ${part.ranBy} ran`;
  return part.kind === 'media' ? part.medium : part.kind;
}

function writeText(part: TextPart, path: string, writing: Writing): JsonObject | undefined {
  const { notices, marks } = writing;
  if (part.logprobs !== undefined) notices.dropped(path, 'Anthropic Messages have no log probabilities; the text is kept.');
  const carried = notices.own(part.carry, path);
  const mark = marks.write(part, path);
  // Anthropic refuses empty text; without a mark or a field it says nothing.
  if (part.text === '' && Object.keys(mark).length === 0 && Object.keys(carried).length === 0) return undefined;
  return withCarried(wire({ type: 'text', text: part.text, citations: writeCitations(part, path, notices), ...mark }), carried);
}

/** Only citations of this protocol have the proof that goes with one. */
function writeCitations(part: TextPart, path: string, notices: Notices): readonly JsonObject[] | undefined {
  const proved = (part.citations ?? []).filter(({ carry }) => carry?.protocol === 'anthropic-messages');
  if (proved.length < (part.citations?.length ?? 0)) {
    notices.dropped(path, "Anthropic Messages take back only citations of Anthropic's own search; the text is kept.");
  }
  return proved.length === 0 ? undefined : proved.map(writeCitation);
}

/** A thought without a proof that this protocol's hosts can read is said with an empty signature, as Alibaba's face of it has them. */
function writeThought(part: ReasoningPart, path: string, notices: Notices): JsonObject | undefined {
  if (part.cacheMark !== undefined) notices.dropped(path, 'Anthropic Messages have no cache mark on a thought.');
  const carried = notices.own(part.carry, path);
  const data = part.text === '' ? redactedData(part.seal) : undefined;
  if (data !== undefined) return withCarried({ type: 'redacted_thinking', data }, carried);
  const isForeign = part.seal !== undefined && part.seal.protocol !== 'anthropic-messages';
  if (isForeign) notices.dropped(path, `The proof of this thought can only be read by ${part.seal?.protocol}; its text is kept.`);
  const seal = isForeign ? undefined : part.seal;
  if (part.text === '' && seal === undefined && Object.keys(carried).length === 0) return undefined;
  return withCarried(
    { type: 'thinking', thinking: part.text, signature: seal === undefined ? '' : writeSignature(seal) },
    carried,
  );
}

function writeCall(part: ToolCallPart, path: string, { notices, marks }: Writing): JsonObject {
  const { input, isWrapped } = writeInput(part.argumentsText);
  if (isWrapped)
    notices.add('moved', path, 'The arguments of this call are no JSON object; they are sent inside one, as INVALID_JSON.');
  const written = { type: 'tool_use', id: part.callId, name: part.name, input, ...marks.write(part, path) };
  return withCarried(written, notices.own(part.carry, path));
}

function writeResult(part: ToolResultPart, path: string, writing: Writing): JsonObject {
  const { notices, marks } = writing;
  const mark = marks.write(part, path);
  const blocks = writeBlocks(part.parts, `${path}.content`, 'result', writing);
  const written = wire({
    type: 'tool_result',
    tool_use_id: part.callId,
    content: blocks.length === 0 ? undefined : asContent(blocks),
    is_error: part.outcome === undefined ? undefined : part.outcome === 'error',
    ...mark,
  });
  return withCarried(written, notices.own(part.carry, path));
}
