import { parseJson, type Json } from '../../model/json.ts';
import { repairJson } from './repair-json.ts';

/** A JSON value that a text may have meant. */
export interface Candidate {
  readonly text: string;
  readonly value: Json;
  /** True: something stood around it, which is no part of the answer. */
  readonly takenOut: boolean;
  readonly repaired: boolean;
}

const maxCandidates = 8;

/**
 * The JSON values of an answer. Where the text is one value as a whole, that is the only one, exactly as it stands. Else those in code
 * fences; else the outermost objects and lists that stand in the prose. What is no JSON is tried once more with the repairs of
 * repair-json.ts. Takes time in proportion to the text.
 */
export function jsonCandidates(text: string): readonly Candidate[] {
  const whole = read(text, false);
  if (whole !== undefined) return [whole];
  const fenced = fencedBlocks(text).flatMap((block) => read(block, true) ?? []);
  return (fenced.length > 0 ? fenced : embedded(text)).slice(0, maxCandidates);
}

function read(text: string, takenOut: boolean): Candidate | undefined {
  const value = parseJson(text);
  if (value !== undefined) return { text: takenOut ? text.trim() : text, value, takenOut, repaired: false };
  const repaired = repairJson(text.trim());
  const mended = parseJson(repaired);
  return mended === undefined ? undefined : { text: repaired, value: mended, takenOut, repaired: true };
}

/** What stands between lines of three backticks, or of more. A fence that never closes ends with the text. */
function fencedBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    if (!/^\s*`{3,}/.test(line)) open?.push(line);
    else if (open === undefined) open = [];
    else {
      blocks.push(open.join('\n'));
      open = undefined;
    }
  }
  if (open !== undefined) blocks.push(open.join('\n'));
  return blocks;
}

function embedded(text: string): readonly Candidate[] {
  const found: Candidate[] = [];
  // A bracket without its partner is searched for to the end of the text; a text full of them would take the square of its length.
  let budget = 4 * text.length + 1_000;
  for (let at = nextOpening(text, 0); at !== -1 && budget > 0 && found.length < maxCandidates; at = nextOpening(text, at)) {
    const end = closingOf(text, at);
    budget -= end.at - at;
    const candidate = end.isClosed ? read(text.slice(at, end.at), true) : undefined;
    if (candidate !== undefined) found.push(candidate);
    at = candidate === undefined ? at + 1 : end.at;
  }
  return found;
}

function nextOpening(text: string, from: number): number {
  const object = text.indexOf('{', from);
  const list = text.indexOf('[', from);
  if (object === -1 || list === -1) return Math.max(object, list);
  return Math.min(object, list);
}

/** Behind the bracket that closes the one at `start`, or how far it was looked for in vain. */
function closingOf(text: string, start: number): { readonly isClosed: boolean; readonly at: number } {
  const expected: string[] = [];
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') expected.push('}');
    else if (character === '[') expected.push(']');
    else if (character === '}' || character === ']') {
      if (expected.pop() !== character) return { isClosed: false, at };
      if (expected.length === 0) return { isClosed: true, at: at + 1 };
    }
  }
  return { isClosed: false, at: text.length };
}
