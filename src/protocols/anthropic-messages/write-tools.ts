import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { GenerateRequest, Tool, ToolChoice } from '../../model/request.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { isKnownServerTool, serverToolOf, writeServerTool } from './server-tools.ts';

/** `tools` and `tool_choice`. `carried`: the unknown fields of the request, among them the tools that only this protocol has. */
export function writeTools(request: GenerateRequest, carried: JsonObject, notices: Notices): Record<string, Json | undefined> {
  const kept = isArray(carried['tools']) ? carried['tools'].filter(isJsonObject) : [];
  const tools: Json[] = request.tools.map((tool, index) => writeTool(tool, `tools[${index}]`, notices));
  for (const { index, tool } of kept) {
    if (typeof index === 'number' && tool !== undefined) tools.splice(index, 0, tool);
  }
  tools.push(...writeWishes(request, tools, notices));
  return { tools: tools.length === 0 ? undefined : tools, tool_choice: writeToolChoice(request, tools.length > 0, notices) };
}

/** A function without parameters takes none, which this wire says with an empty schema. */
function writeTool(tool: Tool, path: string, notices: Notices): JsonObject {
  const written = wire({
    name: tool.name,
    description: tool.description,
    input_schema: tool.parameters ?? { type: 'object', properties: {} },
    strict: tool.strict,
  });
  return withCarried(written, notices.own(tool.carry, path));
}

/** The server tools that were asked for and are not among the tools already. */
function writeWishes(request: GenerateRequest, tools: readonly Json[], notices: Notices): readonly JsonObject[] {
  const written: JsonObject[] = [];
  for (const [name, isWanted] of Object.entries(request.serverTools ?? {})) {
    if (!isWanted) notices.dropped(`tool_${name}`, 'Anthropic Messages name only the tools that are wanted.');
    else if (!isKnownServerTool(name)) notices.dropped(`tool_${name}`, `Anthropic Messages have no tool such as ${name}.`);
    else if (
      !tools.some((tool) => isJsonObject(tool) && typeof tool['type'] === 'string' && serverToolOf(tool['type']) === name)
    ) {
      written.push(writeServerTool(name));
    }
  }
  return written;
}

function writeToolChoice(
  { toolChoice, parallelToolCalls }: GenerateRequest,
  hasTools: boolean,
  notices: Notices,
): JsonObject | undefined {
  const disabled = parallelToolCalls === undefined ? undefined : !parallelToolCalls;
  if (toolChoice === undefined) {
    if (disabled === undefined) return undefined;
    if (hasTools) return { type: 'auto', disable_parallel_tool_use: disabled };
    notices.dropped('parallel_tool_calls', 'Anthropic Messages say this of tools only, and there are none.');
    return undefined;
  }
  const choice = choiceOf(toolChoice);
  if (choice === undefined) {
    notices.dropped('tool_choice', 'Anthropic Messages have no such choice of tools.');
    return undefined;
  }
  if (disabled === undefined) return choice;
  if (choice['type'] !== 'none') return { ...choice, disable_parallel_tool_use: disabled };
  notices.dropped('parallel_tool_calls', 'Anthropic Messages say this only where a tool may be called.');
  return choice;
}

function choiceOf(choice: ToolChoice): JsonObject | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'none':
      return { type: choice.kind };
    case 'required':
      return { type: 'any' };
    case 'function':
      return { type: 'tool', name: choice.name };
    case 'opaque':
      return undefined;
  }
}
