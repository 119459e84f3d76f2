import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';

/**
 * How a model without tools in its own template is taught to call them: in the words of Qwen3.5's template
 * (`models/templates/Qwen3.5-4B.jinja` of llama.cpp v0.5.0), whose call format the output parser and the grammar speak.
 * All arguments are already hidden from the template where they are the caller's.
 */
export function taughtToolsBlock(toolLines: readonly string[]): string {
  return [
    '# Tools\n\nYou have access to the following functions:\n\n<tools>',
    ...toolLines,
    '</tools>\n\nIf you choose to call a function ONLY reply in the following format with NO suffix:\n',
    '<tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n</parameter>',
    '<parameter=example_parameter_2>\nThis is the value for the second parameter\nthat can span\nmultiple lines\n</parameter>',
    '</function>\n</tool_call>\n\n<IMPORTANT>\nReminder:',
    '- Function calls MUST follow the specified format: an inner <function=...></function> block must be nested within <tool_call></tool_call> XML tags',
    '- Required parameters MUST be specified',
    '- You may provide optional reasoning for your function call in natural language BEFORE the function call, but NOT after',
    '- If there is no function call available, answer the question like normal with your current knowledge and do not tell the user about function calls',
    '</IMPORTANT>',
  ].join('\n');
}

/** One call as the model itself would write it. */
export function taughtToolCall(name: string, values: readonly (readonly [name: string, value: string])[]): string {
  const parameters = values.map(([parameter, value]) => `<parameter=${parameter}>\n${value}\n</parameter>\n`).join('');
  return `<tool_call>\n<function=${name}>\n${parameters}</function>\n</tool_call>`;
}

export function taughtToolResponse(text: string): string {
  return `<tool_response>\n${text}\n</tool_response>`;
}

/** JSON as Python's `json.dumps(..., ensure_ascii=False)` writes it, which is what models were trained on. */
export function spacedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => spacedJson(item)).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spacedJson(item)}`);
  return `{${entries.join(', ')}}`;
}
