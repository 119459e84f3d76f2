import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import { withCarried } from '../wire/carried.ts';
import type { Notices } from '../wire/notices.ts';
import { opaqueCall } from './opaque-call.ts';
import { writeDetail } from './reasoning-details.ts';
import { wire } from '../wire/said.ts';
import { writeContent } from './write-content.ts';
import type { PlacedPart } from './write-content.ts';

/**
 * Turns as `messages`. This wire puts each tool result into a message of its own, directly after the calls, and has no media in
 * them: such media go into a user message after the run of results, with a line that names the call.
 */
export function writeMessages(turns: readonly Turn[], notices: Notices): readonly JsonObject[] {
  const messages: JsonObject[] = [];
  let resultMedia: PlacedPart[] = [];
  for (const [number, turn] of turns.entries()) {
    const placed = turn.parts.map((part, index): PlacedPart => ({ part, path: `messages[${number}].content[${index}]` }));
    const results = turn.role === 'assistant' ? [] : placed.filter(({ part }) => part.kind === 'tool-result');
    const others = turn.role === 'assistant' ? placed : placed.filter(({ part }) => part.kind !== 'tool-result');
    const isAllResults = results.length > 0 && others.length === 0;
    if (results.length === 0 && resultMedia.length > 0) {
      messages.push({ role: 'user', content: writeContent(resultMedia, notices) });
      resultMedia = [];
    }
    for (const [index, result] of results.entries()) {
      const head = index === 0 && isAllResults ? headOf(turn, number, notices) : noHead;
      const written = writeResult(result, head, resultMedia, notices);
      if (written !== undefined) messages.push(written);
    }
    if (isAllResults) continue;
    if (resultMedia.length > 0) {
      messages.push({ role: 'user', content: writeContent(resultMedia, notices) });
      resultMedia = [];
    }
    noteMovedBehindResults(placed, notices);
    messages.push(writeTurn(turn, number, others, notices));
  }
  if (resultMedia.length > 0) messages.push({ role: 'user', content: writeContent(resultMedia, notices) });
  return messages;
}

interface Head {
  readonly named: JsonObject;
  readonly carried: JsonObject;
}

const noHead: Head = { named: {}, carried: {} };

function headOf(turn: Turn, number: number, notices: Notices): Head {
  return {
    named: turn.name === undefined ? {} : { name: turn.name },
    carried: notices.own(turn.carry, `messages[${number}]`),
  };
}

function writeTurn(turn: Turn, number: number, placed: readonly PlacedPart[], notices: Notices): JsonObject {
  const { named, carried } = headOf(turn, number, notices);
  if (turn.role === 'assistant') return withCarried({ ...writeAssistant(placed, notices), ...named }, carried);
  if (turn.role === 'tool')
    notices.add('moved', `messages[${number}]`, 'A tool message holds one result; what else stood in it became a user message.');
  const role = turn.role === 'tool' ? 'user' : turn.role;
  return withCarried({ role, content: writeContent(placed, notices), ...named }, carried);
}

function noteMovedBehindResults(placed: readonly PlacedPart[], notices: Notices): void {
  const lastResult = placed.findLastIndex(({ part }) => part.kind === 'tool-result');
  for (const { part, path } of placed.slice(0, Math.max(lastResult, 0))) {
    if (part.kind !== 'tool-result')
      notices.add('moved', path, 'Tool results come directly after the calls, so this stands behind them.');
  }
}

/** One tool message. Its media are put on `media`, to be said after the last result of the run. */
function writeResult(placed: PlacedPart, head: Head, media: PlacedPart[], notices: Notices): JsonObject | undefined {
  const { part: result, path } = placed;
  if (result.kind !== 'tool-result') return undefined;
  noteResultExtras(result, path, notices);
  const inner = result.parts.map((part, index): PlacedPart => ({ part, path: `${path}.content[${index}]` }));
  const pictures = inner.filter(({ part }) => part.kind === 'media');
  if (pictures.length > 0) {
    notices.add(
      'moved',
      path,
      'Chat completions have no media in tool results: they follow in a user message that names the call.',
    );
    media.push({ part: { kind: 'text', text: `Media in the result of tool call ${result.callId}:` }, path }, ...pictures);
  }
  const rest = inner.filter(({ part }) => part.kind !== 'media');
  const content = writeContent(markLast(rest, result, path, notices), notices);
  const carried = { ...head.carried, ...notices.own(result.carry, path) };
  return withCarried({ role: 'tool', tool_call_id: result.callId, content, ...head.named }, carried);
}

function noteResultExtras(result: ToolResultPart, path: string, notices: Notices): void {
  if (result.outcome === 'error')
    notices.dropped(path, 'Chat completions cannot say that a tool failed; its text is sent as the result.');
}

/** A cache mark on the result as a whole stands on its last text, because a tool message has no place for it. */
function markLast(parts: readonly PlacedPart[], result: ToolResultPart, path: string, notices: Notices): readonly PlacedPart[] {
  const mark = result.cacheMark;
  if (mark === undefined) return parts;
  const last = parts.at(-1);
  if (last === undefined || last.part.kind !== 'text' || last.part.cacheMark !== undefined) {
    notices.dropped(path, 'Chat completions can put a cache mark only on the text of a tool result.');
    return parts;
  }
  notices.add('moved', path, 'The cache mark of the tool result stands on its last text.');
  return [...parts.slice(0, -1), { path: last.path, part: { ...last.part, cacheMark: mark } }];
}

/** The places of an assistant message, in the order in which a reader takes them. */
const places = ['reasoning', 'content', 'refusal', 'audio', 'calls'] as const;
type Place = (typeof places)[number];

function writeAssistant(placed: readonly PlacedPart[], notices: Notices): JsonObject {
  const at: Record<Place, PlacedPart[]> = { reasoning: [], content: [], refusal: [], audio: [], calls: [] };
  const refusals = placed.filter(({ part }) => part.kind === 'refusal').length;
  let furthest = 0;
  for (const one of placed) {
    const place = placeOf(one, refusals, notices);
    if (place === undefined) continue;
    const rank = places.indexOf(place);
    if (rank < furthest) {
      notices.add('moved', one.path, 'An assistant message of chat completions has thoughts, then content, then tool calls.');
    }
    furthest = Math.max(furthest, rank);
    at[place].push(one);
  }
  const calls = at.calls.map((one) => writeCall(one, notices)).filter((call) => call !== undefined);
  const content = writeContent(at.content, notices);
  const hasOther = calls.length > 0 || at.refusal.length > 0 || at.audio.length > 0;
  return {
    role: 'assistant',
    content: content === '' && hasOther ? null : content,
    ...writeThoughts(at.reasoning, notices),
    ...writeRefusal(at.refusal[0], notices),
    ...writeAudioReference(at.audio, notices),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function placeOf({ part, path }: PlacedPart, refusals: number, notices: Notices): Place | undefined {
  switch (part.kind) {
    case 'reasoning':
      return 'reasoning';
    case 'text':
      return 'content';
    case 'refusal':
      return refusals === 1 && isPlainHere(part) ? 'refusal' : 'content';
    case 'media':
      return part.medium === 'audio' && (part.source.kind === 'file' || part.id !== undefined) ? 'audio' : 'content';
    case 'tool-call':
      if (part.ranBy === 'caller') return 'calls';
      notices.dropped(path, 'Chat completions have no tool calls that a server ran.');
      return undefined;
    case 'tool-result':
      notices.dropped(path, 'Chat completions have no results of tools that a server ran.');
      return undefined;
    case 'opaque':
      return opaqueCall(part) === undefined ? 'content' : 'calls';
  }
}

/** True for a part without anything that this wire could say beside its text: fields of another protocol are dropped anyway. */
function isPlainHere(part: Part): boolean {
  return part.cacheMark === undefined && part.carry?.protocol !== 'openai-chat';
}

function writeThoughts(placed: readonly PlacedPart[], notices: Notices): JsonObject {
  const thoughts: ReasoningPart[] = [];
  for (const { part, path } of placed) {
    if (part.kind !== 'reasoning') continue;
    notePartMarks(part, path, notices);
    const isForeign = part.seal !== undefined && part.seal.protocol !== 'openai-chat';
    if (isForeign)
      notices.dropped(path, `The proof of this thought can only be read by ${part.seal?.protocol}; its text is kept.`);
    const own: ReasoningPart = {
      kind: 'reasoning',
      text: part.text,
      ...(isForeign || part.seal === undefined ? {} : { seal: part.seal }),
    };
    if (own.text !== '' || own.seal !== undefined) thoughts.push(own);
  }
  const text = thoughts.map((thought) => thought.text).join('');
  const needsDetails = thoughts.length > 1 || thoughts[0]?.seal !== undefined;
  return wire({
    reasoning_content: text === '' ? undefined : text,
    reasoning_details: needsDetails
      ? thoughts.map((thought, index) => writeDetail(thought.text, thought.seal, index))
      : undefined,
  });
}

function writeRefusal(placed: PlacedPart | undefined, notices: Notices): JsonObject {
  if (placed?.part.kind !== 'refusal') return {};
  if (placed.part.logprobs !== undefined)
    notices.dropped(placed.path, 'Chat completions have no log probabilities in a request.');
  notices.own(placed.part.carry, placed.path);
  return { refusal: placed.part.text };
}

/** An earlier audio answer goes back by its id; its sound and words are at the host. */
function writeAudioReference(placed: readonly PlacedPart[], notices: Notices): JsonObject {
  const [first, ...more] = placed;
  for (const { path } of more) notices.dropped(path, 'An assistant message of chat completions refers to one audio answer.');
  if (first?.part.kind !== 'media') return {};
  const { source, id, transcript, expiresAt } = first.part;
  notePartMarks(first.part, first.path, notices);
  if (source.kind === 'file' && source.filename === undefined && transcript === undefined && expiresAt === undefined) {
    return { audio: { id: source.id } };
  }
  notices.dropped(first.path, 'Chat completions refer to an earlier audio answer by its id alone.');
  return { audio: { id: source.kind === 'file' ? source.id : (id ?? '') } };
}

function writeCall({ part, path }: PlacedPart, notices: Notices): Json | undefined {
  if (part.kind === 'opaque') return opaqueCall(part);
  if (part.kind !== 'tool-call') return undefined;
  if (part.cacheMark !== undefined) notices.dropped(path, 'Chat completions have no cache mark on a tool call.');
  return withCarried(callOf(part), notices.own(part.carry, path));
}

/** `itemId` is another protocol's name for the same call and has no meaning here. */
function callOf(part: ToolCallPart): JsonObject {
  return { id: part.callId, type: 'function', function: { name: part.name, arguments: part.argumentsText } };
}

function notePartMarks(part: Part, path: string, notices: Notices): void {
  if (part.cacheMark !== undefined) notices.dropped(path, `Chat completions have no cache mark on ${part.kind} here.`);
  if (part.carry !== undefined) notices.dropped(path, `Chat completions have no further fields on ${part.kind} here.`);
}
