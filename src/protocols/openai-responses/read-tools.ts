import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { GenerateRequest, ServerToolName, Tool, ToolChoice } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import {
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { readServerTools } from '../openai-chat/read-options.ts';
import { readName } from '../openai-chat/read-tools.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { serverToolOf } from './server-tool-types.ts';

const maxTools = 128;
const toolKeys = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const choiceForms = '"none", "auto", "required" or {"type": "function", "name": ...}';

export interface ReadTools {
  readonly words: Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'serverTools'>;
  /** What has no word: built-in tools by their place in the list, and a choice of another kind. */
  readonly carried: Readonly<Record<string, Json | undefined>>;
}

/**
 * `tools`, `tool_choice` and `parallel_tool_calls`. A built-in tool that this server has is wished for; what else its entry says, and
 * built-in tools that no one here has, are carried by their place in the list.
 */
export function readToolFields(body: JsonObject): ReadTools {
  const list = optionalArray(body, 'tools', '') ?? [];
  if (list.length > maxTools) {
    const message = `tools has ${list.length} entries; it may have up to ${maxTools}.`;
    throw new FlashmuxError('invalid_request', message, { param: 'tools' });
  }
  const tools: Tool[] = [];
  const carried: [string, Json][] = [];
  const wishes: [ServerToolName, true][] = [];
  for (const [index, value] of list.entries()) {
    const path = `tools[${index}]`;
    const tool = requireObject(value, path, 'a tool: an object with a type');
    const type = requiredString(tool, 'type', path, 'a string such as "function"');
    if (type === 'function') {
      tools.push(readFunction(tool, path));
      continue;
    }
    const name = serverToolOf(type);
    if (name !== undefined) wishes.push([name, true]);
    if (name !== type || Object.keys(tool).length > 1 || isRepeated(wishes)) carried.push([String(index), tool]);
  }
  const choice = readToolChoice(body['tool_choice']);
  const switches = readServerTools(body) ?? {};
  for (const [name] of wishes) if (switches[name] === false) throw contradiction(name);
  const wished = { ...switches, ...Object.fromEntries(wishes) };
  return {
    words: {
      tools,
      ...said({
        toolChoice: choice,
        parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls', ''),
        serverTools: Object.keys(wished).length === 0 ? undefined : wished,
      }),
    },
    carried: {
      tools: carried.length === 0 ? undefined : Object.fromEntries(carried),
      tool_choice: choice === undefined ? (body['tool_choice'] ?? undefined) : undefined,
    },
  };
}

function contradiction(name: ServerToolName): FlashmuxError {
  const param = `tool_${name}`;
  return new FlashmuxError('invalid_request', `${param} is false and tools has ${name}; say one of them.`, { param });
}

/** True where the last wish was there before: a second entry must not be lost. */
function isRepeated(wishes: readonly (readonly [ServerToolName, true])[]): boolean {
  const last = wishes.at(-1);
  return wishes.findIndex(([name]) => name === last?.[0]) < wishes.length - 1;
}

function readFunction(tool: JsonObject, path: string): Tool {
  return {
    kind: 'function',
    name: readName(tool, path),
    ...said({
      description: optionalString(tool, 'description', path),
      parameters: optionalObject(tool, 'parameters', path),
      strict: optionalBoolean(tool, 'strict', path),
    }),
    ...carryOf(unknownFields(tool, toolKeys)),
  };
}

/** Undefined for a choice of another kind too (a built-in tool, a list of allowed ones): the model has no word for it. */
function readToolChoice(value: Json | undefined): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { kind: value };
  if (!isJsonObject(value)) throw refuse('tool_choice', value, choiceForms);
  const type = requiredString(value, 'type', 'tool_choice', '"function"');
  if (type !== 'function') return undefined;
  const name = requiredString(value, 'name', 'tool_choice', 'the name of one of the tools');
  return Object.keys(value).length === 2 ? { kind: 'function', name } : undefined;
}
