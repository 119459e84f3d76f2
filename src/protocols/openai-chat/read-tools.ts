import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { GenerateRequest, Tool, ToolChoice } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';
import {
  at,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { said } from '../wire/said.ts';

const maxTools = 128;
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;
const nameForm = '1 to 64 of the characters a-z, A-Z, 0-9, _ and -';

const toolKeys = new Set(['type', 'function']);
const functionKeys = new Set(['name', 'description', 'parameters', 'strict']);

export type ToolFields = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** `tools`, `tool_choice` and `parallel_tool_calls`, and the older `functions` and `function_call` in the place of the first two. */
export function readToolFields(body: JsonObject): ToolFields {
  const tools = optionalArray(body, 'tools', '');
  const functions = optionalArray(body, 'functions', '');
  if (tools !== undefined && functions !== undefined && functions.length > 0) throw twice('functions', 'tools');
  checkCount(tools, 'tools');
  checkCount(functions, 'functions');
  return {
    tools: [
      ...(tools ?? []).map((tool, index) => readTool(tool, `tools[${index}]`)),
      ...(functions ?? []).map((tool, index) => readFunction(tool, `functions[${index}]`, undefined)),
    ],
    ...said({
      toolChoice: readChoice(body),
      parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls', ''),
    }),
  };
}

function readChoice(body: JsonObject): ToolChoice | undefined {
  const choice = readToolChoice(body['tool_choice']);
  const older = readFunctionChoice(body['function_call']);
  if (choice !== undefined && older !== undefined) throw twice('function_call', 'tool_choice');
  return choice ?? older;
}

function twice(older: string, newer: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `${older} is the older form of ${newer}; say one of them.`, { param: older });
}

/** A name as this wire allows it for functions and response formats. */
export function readName(object: JsonObject, path: string): string {
  const name = requiredString(object, 'name', path, nameForm);
  if (!namePattern.test(name)) throw refuse(at(path, 'name'), name, nameForm);
  return name;
}

function checkCount(tools: readonly Json[] | undefined, path: string): void {
  if (tools === undefined || tools.length <= maxTools) return;
  throw new FlashmuxError('invalid_request', `${path} has ${tools.length} entries; it may have up to ${maxTools}.`, {
    param: path,
  });
}

function readTool(value: Json, path: string): Tool {
  const tool = requireObject(value, path, 'a tool: an object with type and function');
  const type = requiredString(tool, 'type', path, '"function"');
  if (type !== 'function') {
    const message = `${at(path, 'type')} names a kind of tool that chat completions do not run here; it must be "function".`;
    throw new FlashmuxError('unsupported_value', message, { param: at(path, 'type') });
  }
  return readFunction(tool['function'], at(path, 'function'), unknownFields(tool, toolKeys));
}

function readFunction(value: Json | undefined, path: string, outer: JsonObject | undefined): Tool {
  const inner = requireObject(value, path, 'an object with name, description and parameters');
  return {
    kind: 'function',
    name: readName(inner, path),
    ...said({
      description: optionalString(inner, 'description', path),
      parameters: optionalObject(inner, 'parameters', path),
      strict: optionalBoolean(inner, 'strict', path),
    }),
    ...carryOf(outer, { function: unknownFields(inner, functionKeys) }),
  };
}

const choiceForms = '"none", "auto", "required" or {"type": "function", "function": {"name": ...}}';

function readToolChoice(value: Json | undefined): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { kind: value };
  if (!isJsonObject(value)) throw refuse('tool_choice', value, choiceForms);
  const type = requiredString(value, 'type', 'tool_choice', '"function"');
  if (type !== 'function' || Object.keys(value).some((key) => !toolKeys.has(key))) return { kind: 'opaque', value };
  const inner = requireObject(value['function'], 'tool_choice.function', 'an object with a name');
  const name = requiredString(inner, 'name', 'tool_choice.function', 'the name of one of the tools');
  return Object.keys(inner).length === 1 ? { kind: 'function', name } : { kind: 'opaque', value };
}

function readFunctionChoice(value: Json | undefined): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none') return { kind: value };
  const inner = requireObject(value, 'function_call', '"none", "auto" or {"name": ...}');
  return { kind: 'function', name: requiredString(inner, 'name', 'function_call') };
}
