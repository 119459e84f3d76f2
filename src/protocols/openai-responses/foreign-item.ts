import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { mcpItem } from './server-tool-writer.ts';

/** The types of output items that OpenAI has (types of openai 7.55) and no part of the model stands for. */
const types: ReadonlySet<string> = new Set([
  'additional_tools',
  'apply_patch_call',
  'apply_patch_call_output',
  'code_interpreter_call',
  'compaction',
  'computer_call',
  'computer_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'file_search_call',
  'function_call_output',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'shell_call',
  'shell_call_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
]);

const label = 'flashmux.item';

/**
 * An item of a kind that the model has no word for, as it goes to a caller. One of another type than OpenAI's (Alibaba has some) makes
 * @ai-sdk/openai refuse a whole answer, so it travels as the arguments of an `mcp_call`, and `unwrapItem` has it back.
 */
export function wrapItem(item: JsonObject, id: string): JsonObject {
  const { type, id: own } = item;
  if (typeof type === 'string' && types.has(type)) return typeof own === 'string' && own !== '' ? item : { ...item, id };
  return mcpItem(id, label, typeof type === 'string' ? type : 'item', JSON.stringify(item), 'completed');
}

/** The item that a caller sends back as it got it; any other item as it is. */
export function unwrapItem(item: JsonObject): JsonObject {
  if (item['type'] !== 'mcp_call' || item['server_label'] !== label || typeof item['arguments'] !== 'string') return item;
  const inner = parseJson(item['arguments']);
  return isJsonObject(inner) ? inner : item;
}
