import type { Json, JsonObject } from '../../model/json.ts';
import type { Turn } from '../../model/turn.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { asContent, writeBlocks } from './write-content.ts';
import type { Writing } from './write-content.ts';

export interface WrittenMessages {
  /** Absent: the conversation begins without a system prompt. */
  readonly system: Json | undefined;
  readonly messages: readonly JsonObject[];
}

/**
 * Turns as `system` and `messages`. The first turn is the system prompt where it is one and others follow (`messages` is never empty); later
 * ones stay at their place, as messages. Tool results in a row become one message, because Anthropic wants all results of a turn together.
 */
export function writeMessages(turns: readonly Turn[], writing: Writing): WrittenMessages {
  const [first, ...rest] = gathered(turns, writing);
  if (first === undefined) return { system: undefined, messages: [] };
  // Fields of this protocol that the turn carries have a place beside a message only.
  const isPrompt = rest.length > 0 && placeOf(first.turn) === 'system' && !carriesOwn(first.turn);
  const messages = (isPrompt ? rest : [first, ...rest]).map(writeMessage);
  return { system: isPrompt ? asContent(first.blocks) : undefined, messages };
}

interface Gathered {
  readonly turn: Turn;
  readonly blocks: Json[];
}

function gathered(turns: readonly Turn[], writing: Writing): readonly Gathered[] {
  const messages: Gathered[] = [];
  let silent: Gathered | undefined;
  for (const [number, turn] of turns.entries()) {
    const before = messages.at(-1);
    noteHead(turn, number, writing);
    const blocks = writeBlocks(turn.parts, `messages[${number}].content`, placeOf(turn), writing);
    if (placeOf(turn) === 'system' && blocks.length === 0 && !carriesOwn(turn)) silent = { turn, blocks: [] };
    else if (before !== undefined && isResults(before.turn) && isResults(turn) && !carriesOwn(turn))
      before.blocks.push(...blocks);
    else messages.push({ turn, blocks: [...blocks] });
  }
  return messages.length === 0 && silent !== undefined ? [silent] : messages;
}

function writeMessage({ turn, blocks }: Gathered): JsonObject {
  return withCarried({ role: placeOf(turn), content: asContent(blocks) }, carriedFields(turn.carry, 'anthropic-messages'));
}

function carriesOwn(turn: Turn): boolean {
  return turn.carry?.protocol === 'anthropic-messages';
}

function isResults(turn: Turn): boolean {
  return turn.role !== 'assistant' && turn.parts.length > 0 && turn.parts.every((part) => part.kind === 'tool-result');
}

function placeOf(turn: Turn): 'system' | 'user' | 'assistant' {
  switch (turn.role) {
    case 'system':
    case 'developer':
      return 'system';
    case 'assistant':
      return 'assistant';
    case 'user':
    case 'tool':
      return 'user';
  }
}

function noteHead(turn: Turn, number: number, { notices }: Writing): void {
  const path = `messages[${number}]`;
  if (turn.name !== undefined) notices.dropped(path, 'Anthropic Messages have no names of participants.');
  if (turn.role === 'developer') notices.add('moved', path, 'Anthropic Messages have no developer; it is said by the system.');
  notices.own(turn.carry, path);
}
