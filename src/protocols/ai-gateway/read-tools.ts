import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
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
import { readName } from '../openai-chat/read-tools.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';

const maxTools = 128;
const toolKeys = new Set(['type', 'name', 'description', 'inputSchema', 'strict']);

/** The `tools` and the `toolChoice` of a call. */
export function readTools(body: JsonObject): Pick<GenerateRequest, 'tools' | 'toolChoice'> {
  const tools = optionalArray(body, 'tools', '') ?? [];
  if (tools.length > maxTools) {
    throw new FlashmuxError('invalid_request', `tools has ${tools.length} entries; it may have up to ${maxTools}.`, {
      param: 'tools',
    });
  }
  return {
    tools: tools.map((tool, index) => readTool(tool, `tools[${index}]`)),
    ...said({ toolChoice: readToolChoice(body) }),
  };
}

function readTool(value: Json, path: string): Tool {
  const tool = requireObject(value, path, 'a tool: an object with type, name and inputSchema');
  const type = requiredString(tool, 'type', path, '"function"');
  if (type !== 'function') {
    // Such a tool runs at one vendor and has no description here that another model could be told.
    const named = typeof tool['id'] === 'string' ? ` (${tool['id'].slice(0, 64)})` : '';
    const message = `${path}.type names a tool that its provider runs${named}; this server runs its own, asked for in providerOptions.flashmux.`;
    throw new FlashmuxError('unsupported_value', message, { param: at(path, 'type') });
  }
  return {
    kind: 'function',
    name: readName(tool, path),
    ...said({
      description: optionalString(tool, 'description', path),
      parameters: optionalObject(tool, 'inputSchema', path),
      strict: optionalBoolean(tool, 'strict', path),
    }),
    ...carryOf(unknownFields(tool, toolKeys)),
  };
}

const choices = ['auto', 'none', 'required', 'tool'];

function readToolChoice(body: JsonObject): ToolChoice | undefined {
  const choice = optionalObject(body, 'toolChoice', '');
  if (choice === undefined) return undefined;
  const type = requiredString(choice, 'type', 'toolChoice', oneOf(choices));
  switch (type) {
    case 'auto':
    case 'none':
    case 'required':
      return { kind: type };
    case 'tool':
      return { kind: 'function', name: requiredString(choice, 'toolName', 'toolChoice', 'the name of one of the tools') };
    default:
      throw refuse('toolChoice.type', type, oneOf(choices));
  }
}
