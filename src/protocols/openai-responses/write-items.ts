import type { JsonObject } from '../../model/json.ts';
import type { ToolResultPart } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { placedParts, writeOpaque } from './placed.ts';
import type { PlacedPart, PlacedTurn } from './placed.ts';
import { writeAssistant } from './write-assistant.ts';
import { writeContent } from './write-content.ts';

/**
 * Turns as the items of `input`. On this wire an item is a message, a thought, a call or the result of a call, so a turn becomes as many
 * items as it has of these, in their order.
 */
export function writeItems(turns: readonly PlacedTurn[], notices: Notices): readonly JsonObject[] {
  const items: (readonly JsonObject[])[] = [];
  let spoken: PlacedTurn[] = [];
  const endSpoken = (): void => {
    if (spoken.length > 0) items.push(writeAssistant(spoken, notices));
    spoken = [];
  };
  for (const placed of turns) {
    if (placed.turn.role === 'assistant') spoken.push(placed);
    else {
      endSpoken();
      items.push(writeOther(placed, notices));
    }
  }
  endSpoken();
  return items.flat();
}

/** Parts that stand in one message: neighbours that are no items of their own. */
type Run = PlacedPart[];

function writeOther(placed: PlacedTurn, notices: Notices): readonly JsonObject[] {
  const { turn, path } = placed;
  if (turn.name !== undefined) notices.dropped(path, 'Responses have no names of participants.');
  let head = notices.own(turn.carry, path);
  const items: JsonObject[] = [];
  const add = (item: JsonObject): void => {
    items.push(withCarried(item, head));
    head = {};
  };
  const addMessage = (run: Run): void => {
    if (turn.role === 'tool')
      notices.add('moved', path, 'A result holds what the tool said; what else stood beside it became a user message.');
    const id = run[0]?.part.itemId;
    add(wire({ type: 'message', role: turn.role === 'tool' ? 'user' : turn.role, content: writeContent(run, notices), id }));
  };
  let run: Run = [];
  const endRun = (): void => {
    if (run.length > 0) addMessage(run);
    run = [];
  };
  for (const one of placedParts(placed)) {
    if (one.part.kind === 'tool-result') {
      endRun();
      add(writeResult(one.part, one.path, notices));
    } else if (turn.role === 'tool' && one.part.kind === 'opaque') {
      endRun();
      const item = writeOpaque(one.part, one.path, notices);
      if (item !== undefined) add(item);
    } else run.push(one);
  }
  endRun();
  if (items.length === 0 && turn.role !== 'tool') addMessage([]);
  return items;
}

function writeResult(result: ToolResultPart, path: string, notices: Notices): JsonObject {
  if (result.outcome === 'error')
    notices.dropped(path, 'Responses cannot say that a tool failed; its text is sent as the result.');
  const inner = result.parts
    .map((part, index): PlacedPart => ({ part, path: `${path}.content[${index}]` }))
    .filter((one) => isSayableResult(one, notices));
  const output = writeContent(markLast(inner, result, path, notices), notices);
  const written = wire({ type: 'function_call_output', call_id: result.callId, output, id: result.itemId });
  return withCarried(written, notices.own(result.carry, path));
}

function isSayableResult({ part, path }: PlacedPart, notices: Notices): boolean {
  if (part.kind !== 'media' || part.medium === 'image' || part.medium === 'document') return true;
  notices.dropped(path, `The result of a tool holds text, pictures and files in Responses, and no ${part.medium}.`);
  return false;
}

/** A cache mark on the result as a whole stands on its last part, because an item has no place for it. */
function markLast(parts: readonly PlacedPart[], result: ToolResultPart, path: string, notices: Notices): readonly PlacedPart[] {
  const mark = result.cacheMark;
  if (mark === undefined) return parts;
  const last = parts.at(-1);
  if (last === undefined || (last.part.kind !== 'text' && last.part.kind !== 'media') || last.part.cacheMark !== undefined) {
    notices.dropped(path, 'Responses can put a cache mark only on text, pictures and files of a result.');
    return parts;
  }
  notices.add('moved', path, 'The cache mark of the tool result stands on its last part.');
  return [...parts.slice(0, -1), { path: last.path, part: { ...last.part, cacheMark: mark } }];
}
