import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ReasoningPart, TextPart, ToolCallPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { wire } from '../wire/said.ts';
import { writeSeal } from './seal.ts';
import { writeBlock, type Writing } from './write-block.ts';
import { writeToolResult } from './write-tool-result.ts';
import { writeWords } from './words.ts';

/** Turns as the messages of a `prompt`. A turn that one message cannot hold becomes several, in the same order. */
export function writePrompt(turns: readonly Turn[], writing: Omit<Writing, 'names'>): readonly JsonObject[] {
  const all: Writing = { ...writing, names: new Map() };
  return turns.flatMap((turn, index) => writeTurn(turn, `messages[${index}]`, all));
}

function writeTurn(turn: Turn, path: string, writing: Writing): readonly JsonObject[] {
  switch (turn.role) {
    case 'system':
    case 'developer':
      return writeSystem(turn, path, writing);
    case 'user':
    case 'tool':
      return writeRuns(turn, path, writing);
    case 'assistant': {
      const content = turn.parts.flatMap((part, index) => writePart(part, `${path}.content[${index}]`, writing));
      return [headed({ role: 'assistant', content }, turn, path, writing)];
    }
  }
}

/** The name and the carried fields of a turn stand on its first message. */
function headed(message: JsonObject, turn: Turn, path: string, { notices }: Writing): JsonObject {
  const options = writeWords({}, { flashmux: { name: turn.name } });
  return withCarried(wire({ ...message, providerOptions: options }), notices.own(turn.carry, path));
}

/** The content of a system message is one string, so that each text of the turn becomes a message of its own. */
function writeSystem(turn: Turn, path: string, writing: Writing): readonly JsonObject[] {
  const { notices } = writing;
  const role = turn.role === 'developer' ? 'developer' : undefined;
  const texts = turn.parts.flatMap((part, index) => {
    if (part.kind === 'text') return [part];
    notices.dropped(`${path}.content[${index}]`, `A system message of the gateway protocol holds text; this is ${part.kind}.`);
    return [];
  });
  if (texts.length > 1)
    notices.add('moved', path, 'A system message holds one text; each text of this one is sent as a message.');
  const parts: readonly TextPart[] = texts.length === 0 ? [{ kind: 'text', text: '' }] : texts;
  return parts.map((part, index): JsonObject => {
    const isFirst = index === 0;
    if (part.carry !== undefined) {
      notices.dropped(`${path}.content[${index}]`, 'A system message has no parts that could hold unknown fields.');
    }
    const options = writeWords(part, { flashmux: { role, name: isFirst ? turn.name : undefined } });
    const message = wire({ role: 'system', content: part.text, providerOptions: options });
    return isFirst ? withCarried(message, notices.own(turn.carry, path)) : message;
  });
}

/** Results of tools have messages of their own here. A turn that holds other parts too is cut where they begin and end. */
function writeRuns(turn: Turn, path: string, writing: Writing): readonly JsonObject[] {
  const runs: { readonly role: 'user' | 'tool'; readonly content: Json[] }[] = [];
  for (const [index, part] of turn.parts.entries()) {
    if (part.kind === 'reasoning' || part.kind === 'tool-call') {
      writing.notices.dropped(
        `${path}.content[${index}]`,
        `Only an assistant message of the gateway protocol can hold a ${part.kind}.`,
      );
      continue;
    }
    const role = roleOf(part, turn.role);
    const last = runs.at(-1);
    const content = last?.role === role ? last.content : [];
    if (last?.role !== role) runs.push({ role, content });
    content.push(...writePart(part, `${path}.content[${index}]`, writing));
  }
  const [first = { role: turn.role === 'tool' ? 'tool' : 'user', content: [] }, ...others] = runs;
  return [headed({ ...first }, turn, path, writing), ...others.map((run) => ({ ...run }))];
}

function roleOf(part: Part, role: Turn['role']): 'user' | 'tool' {
  if (part.kind === 'tool-result') return 'tool';
  // Answers to questions of approval stand in messages of tools, and their kind is not known here.
  return part.kind === 'opaque' && role === 'tool' ? 'tool' : 'user';
}

function writePart(part: Part, path: string, writing: Writing): readonly Json[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'media':
    case 'opaque':
      return writeBlock(part, path, writing);
    case 'reasoning':
      return [writeReasoning(part, path, writing)];
    case 'tool-call':
      return [writeCall(part, path, writing)];
    case 'tool-result':
      return [writeToolResult(part, path, writing)];
  }
}

function writeReasoning(part: ReasoningPart, path: string, { notices }: Writing): JsonObject {
  const { rest, told } = writeSeal(part.seal);
  const options = withCarried(writeWords(part, { flashmux: { seal: told } }) ?? {}, rest ?? {});
  const written = wire({
    type: 'reasoning',
    text: part.text,
    providerOptions: Object.keys(options).length === 0 ? undefined : options,
  });
  return withCarried(written, notices.own(part.carry, path));
}

function writeCall(part: ToolCallPart, path: string, { names, notices }: Writing): JsonObject {
  names.set(part.callId, part.name);
  const { input, text } = writeInput(part.argumentsText);
  const written = wire({
    type: 'tool-call',
    toolCallId: part.callId,
    toolName: part.name,
    input,
    providerExecuted: part.ranBy === 'caller' ? undefined : true,
    providerOptions: writeWords(part, { flashmux: { ranBy: part.ranBy === 'server' ? 'server' : undefined, input: text } }),
  });
  return withCarried(written, notices.own(part.carry, path));
}

/**
 * Arguments are JSON here, not text. What is no JSON goes as the string that it is, and a text that its JSON would not give back goes
 * beside it, because prompts that differ in a space share no cache.
 */
function writeInput(argumentsText: string): { readonly input: Json; readonly text?: string } {
  const json = parseJson(argumentsText);
  if (!isJsonObject(json) && !isArray(json)) return { input: argumentsText };
  return JSON.stringify(json) === argumentsText ? { input: json } : { input: json, text: argumentsText };
}
