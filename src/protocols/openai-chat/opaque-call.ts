import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { ProtocolName } from '../../model/protocol.ts';

/**
 * A tool call of an unknown type (OpenAI has `custom`) is an opaque part, like an unknown content part, and must go back among the tool
 * calls. So the readers wrap it as `{tool_call}`, which no content part is: each of those has a `type`.
 */
export function opaqueCall(part: { readonly protocol: ProtocolName; readonly value: Json }): Json | undefined {
  const { protocol, value } = part;
  return protocol === 'openai-chat' && isJsonObject(value) && value['type'] === undefined ? value['tool_call'] : undefined;
}
