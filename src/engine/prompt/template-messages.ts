import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Part, ToolCallPart, ToolResultPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';

/** A message as chat templates know it, still in the caller's own words. */
export type TemplateMessage =
  | { readonly role: 'system' | 'user'; readonly spans: readonly TextSpan[] }
  | {
      readonly role: 'assistant';
      readonly spans: readonly TextSpan[];
      readonly thought?: string;
      readonly calls: readonly TemplateCall[];
    }
  | { readonly role: 'tool'; readonly spans: readonly TextSpan[]; readonly callId: string; readonly name?: string };

/** A stretch of a message's text. The spans of a message are its text. */
export interface TextSpan {
  readonly text: string;
  /** The part of the request that ends here. */
  readonly part?: Part;
}

interface TemplateCall {
  readonly callId: string;
  readonly name: string;
  readonly values: JsonObject;
}

export interface TemplateMessages {
  readonly messages: readonly TemplateMessage[];
  readonly notices: readonly Notice[];
}

/**
 * The turns of a request as messages: developer and system turns in one first message, tool results as messages of their own.
 * Throws FlashmuxError: `unsupported_media` for a part that is no text, `unsupported_value` for a block of another protocol,
 * `invalid_request` for a conversation without a user's turn.
 */
export function templateMessages(turns: readonly Turn[]): TemplateMessages {
  const system: TextSpan[] = [];
  const notices: Notice[] = [];
  const names = new Map<string, string>();
  const messages: TemplateMessage[] = [];
  for (const [number, turn] of turns.entries()) {
    const path = `messages[${number}]`;
    switch (turn.role) {
      case 'system':
      case 'developer': {
        if (messages.length > 0) {
          notices.push({ code: 'moved', path, message: 'The model takes system messages at the beginning only.' });
        }
        const spans = plainSpans(turn.parts, `${path}.content`);
        if (textOf(spans).trim() === '') break;
        if (system.length > 0) system.push({ text: '\n\n' });
        system.push(...spans);
        break;
      }
      case 'user':
      case 'tool':
        messages.push(...userMessages(turn, path, names));
        break;
      case 'assistant':
        messages.push(...assistantMessages(turn, path, names, notices));
        break;
    }
  }
  if (!messages.some((message) => message.role === 'user')) {
    throw new FlashmuxError('invalid_request', 'The conversation needs at least one message with the role "user".', {
      param: 'messages',
    });
  }
  const first: TemplateMessage[] = system.length === 0 ? [] : [{ role: 'system', spans: system }];
  return { messages: [...first, ...messages], notices };
}

export function textOf(spans: readonly TextSpan[]): string {
  return spans.map(({ text }) => text).join('');
}

/** Tool results may stand in a turn of their own or among the parts of a user's turn; each becomes a message, in order. */
function userMessages(turn: Turn, path: string, names: ReadonlyMap<string, string>): TemplateMessage[] {
  const messages: TemplateMessage[] = [];
  let texts: Part[] = [];
  const flush = (): void => {
    if (texts.length === 0) return;
    messages.push({ role: 'user', spans: plainSpans(texts, `${path}.content`) });
    texts = [];
  };
  for (const [index, part] of turn.parts.entries()) {
    if (part.kind === 'tool-result') {
      flush();
      // A tool turn's content is the content of its one result; elsewhere the result is a block with a content inside.
      const alone = turn.role === 'tool' && turn.parts.length === 1;
      messages.push(toolMessage(part, alone ? `${path}.content` : `${path}.content[${index}].content`, names));
    } else {
      refuseOthers(part, `${path}.content[${index}]`);
      texts.push(part);
    }
  }
  flush();
  if (messages.length === 0 && turn.role === 'user') messages.push({ role: 'user', spans: [] });
  return messages;
}

function toolMessage(part: ToolResultPart, path: string, names: ReadonlyMap<string, string>): TemplateMessage {
  const spans = plainSpans(part.parts, path);
  const name = names.get(part.callId);
  // Templates have no place for the outcome, so the model reads it where most tools write it themselves.
  const told = part.outcome === 'error' && !/^\s*error/i.test(textOf(spans)) ? [{ text: 'Error: ' }, ...spans] : spans;
  return { role: 'tool', spans: told, callId: part.callId, ...(name === undefined ? {} : { name }) };
}

function assistantMessages(turn: Turn, path: string, names: Map<string, string>, notices: Notice[]): TemplateMessage[] {
  const messages: TemplateMessage[] = [];
  let open: AssistantDraft = emptyDraft();
  const flush = (): void => {
    if (open.parts > 0 || messages.length === 0) messages.push(assistantMessage(open));
    open = emptyDraft();
  };
  for (const [index, part] of turn.parts.entries()) {
    const place = `${path}.content[${index}]`;
    switch (part.kind) {
      case 'text':
      case 'refusal':
        if (open.calls.length > 0 && part.text.trim() !== '') {
          notices.push({ code: 'moved', path: place, message: 'The model takes the text of a turn before its tool calls.' });
        }
        open.texts.push({ text: part.text, part });
        break;
      case 'reasoning':
        open.thoughts.push(part.text);
        break;
      case 'tool-call':
        names.set(part.callId, part.name);
        open.calls.push({ callId: part.callId, name: part.name, values: callValues(part) });
        break;
      case 'tool-result':
        flush();
        messages.push(toolMessage(part, `${place}.content`, names));
        continue;
      case 'opaque':
        notices.push({ code: 'dropped', path: place, message: 'The embedded engine has no word for this block.' });
        continue;
      case 'media':
        refuseOthers(part, place);
    }
    open.parts++;
  }
  flush();
  return messages;
}

interface AssistantDraft {
  parts: number;
  readonly texts: TextSpan[];
  readonly thoughts: string[];
  readonly calls: TemplateCall[];
}

function emptyDraft(): AssistantDraft {
  return { parts: 0, texts: [], thoughts: [], calls: [] };
}

function assistantMessage(draft: AssistantDraft): TemplateMessage {
  const written = textOf(draft.texts);
  // Clients that know no reasoning field send the whole output back; templates split it there, but see no hidden text.
  const split = draft.thoughts.length === 0 ? /^\s*<think>([^]*?)<\/think>\s*([^]*)$/.exec(written) : null;
  const thought = split?.[1] ?? draft.thoughts.join('\n');
  const spans = split?.[2] === undefined ? draft.texts : [{ ...draft.texts.at(-1), text: split[2] }];
  return { role: 'assistant', spans, calls: draft.calls, ...(thought.trim() === '' ? {} : { thought }) };
}

/** Arguments that are no JSON object were most likely written by a model: they go back to it whole, under one parameter. */
function callValues(part: ToolCallPart): JsonObject {
  if (part.argumentsText.trim() === '') return {};
  const values = parseJson(part.argumentsText);
  if (!isJsonObject(values) || isDeeperThan(values, deepestArguments)) return { arguments: part.argumentsText };
  return Object.fromEntries(
    // Qwen3.5's template cannot write a null (`Cannot apply filter "string" to type: NullValue`).
    Object.entries(values).map(([name, value]: [string, Json]) => [name, value ?? 'null']),
  );
}

/** As deep as a body may be. Text inside of it can hide far more levels, and templates walk a value by recursion. */
const deepestArguments = 64;

function isDeeperThan(value: Json, levels: number): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; depth <= levels && level.length > 0; depth++) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return level.length > 0;
}

/** Throws `unsupported_media` or `unsupported_value` with the path of the first part that is no text. */
function plainSpans(parts: readonly Part[], path: string): readonly TextSpan[] {
  return parts.flatMap((part, index) => {
    if (part.kind === 'text' || part.kind === 'refusal') return [{ text: part.text, part }];
    refuseOthers(part, `${path}[${index}]`);
    return [];
  });
}

function refuseOthers(part: Part, path: string): void {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return;
    case 'media':
      throw new FlashmuxError(
        'unsupported_media',
        `The embedded engine reads text only, this part is of the kind "${part.medium}".`,
        {
          param: path,
        },
      );
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'opaque':
      throw new FlashmuxError('unsupported_value', 'The embedded engine takes only text at this place.', { param: path });
  }
}
