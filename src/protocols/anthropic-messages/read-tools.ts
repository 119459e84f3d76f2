import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest, Tool, ToolChoice } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import {
  at,
  oneOf,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { plainServerTool, serverToolOf } from './server-tools.ts';

const namePattern = /^[a-zA-Z0-9_-]{1,128}$/;
const nameForm = '1 to 128 of the characters a-z, A-Z, 0-9, _ and -';

const toolKeys = new Set(['type', 'name', 'description', 'input_schema', 'strict']);

export interface ReadTools extends Pick<GenerateRequest, 'tools' | 'serverTools'> {
  /** Tools of Anthropic's own, each with its place in the list: they go back only to this protocol. */
  readonly unknown: readonly JsonObject[] | undefined;
}

/** `tools`: those with a schema are functions; web search, web fetch and code execution are also wishes that a server of ours can grant. */
export function readTools(body: JsonObject): ReadTools {
  const tools: Tool[] = [];
  const wishes: Record<string, true> = {};
  const unknown: JsonObject[] = [];
  for (const [index, value] of (optionalArray(body, 'tools', '') ?? []).entries()) {
    const path = `tools[${index}]`;
    const tool = requireObject(value, path, 'a tool: an object with name and input_schema');
    const type = optionalString(tool, 'type', path);
    if (type === undefined || type === 'custom') {
      tools.push(readTool(tool, path));
      continue;
    }
    const wish = serverToolOf(type);
    if (wish !== undefined) wishes[wish] = true;
    if (wish === undefined || !plainServerTool(wish, tool)) unknown.push({ index, tool });
  }
  return {
    tools,
    ...(Object.keys(wishes).length === 0 ? {} : { serverTools: wishes }),
    unknown: unknown.length === 0 ? undefined : unknown,
  };
}

function readTool(tool: JsonObject, path: string): Tool {
  const name = requiredString(tool, 'name', path, nameForm);
  if (!namePattern.test(name)) throw refuse(at(path, 'name'), name, nameForm);
  return {
    kind: 'function',
    name,
    ...said({
      description: optionalString(tool, 'description', path),
      parameters: requireObject(tool['input_schema'], at(path, 'input_schema'), 'the JSON Schema of an object'),
      strict: optionalBoolean(tool, 'strict', path),
    }),
    ...carryOf(unknownFields(tool, toolKeys)),
  };
}

const choices = ['auto', 'any', 'tool', 'none'];
const choiceKeys = new Set(['type', 'name', 'disable_parallel_tool_use']);

export interface ReadToolChoice extends Pick<GenerateRequest, 'toolChoice' | 'parallelToolCalls'> {
  readonly unknown: JsonObject | undefined;
}

export function readToolChoice(body: JsonObject): ReadToolChoice {
  const choice = optionalObject(body, 'tool_choice', '');
  if (choice === undefined) return { unknown: undefined };
  const disabled = optionalBoolean(choice, 'disable_parallel_tool_use', 'tool_choice');
  return {
    toolChoice: choiceOf(choice),
    ...(disabled === undefined ? {} : { parallelToolCalls: !disabled }),
    unknown: unknownFields(choice, choiceKeys),
  };
}

function choiceOf(choice: JsonObject): ToolChoice {
  const type = requiredString(choice, 'type', 'tool_choice', oneOf(choices));
  switch (type) {
    case 'auto':
    case 'none':
      return { kind: type };
    case 'any':
      return { kind: 'required' };
    case 'tool':
      return { kind: 'function', name: requiredString(choice, 'name', 'tool_choice', 'the name of one of the tools') };
    default:
      throw refuse('tool_choice.type', type, oneOf(choices));
  }
}
