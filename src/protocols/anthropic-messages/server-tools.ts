import type { JsonObject } from '../../model/json.ts';
import type { ServerToolName } from '../../model/request.ts';

/**
 * Anthropic's tools that a server runs, beside the ones of flashmux that do the same. The types are those of @anthropic-ai/sdk 1.11; later
 * ones of a family differ in the date at the end only.
 */
export const serverTools = {
  web_search: { family: 'web_search_', type: 'web_search_20250305', name: 'web_search' },
  web_extractor: { family: 'web_fetch_', type: 'web_fetch_20250910', name: 'web_fetch' },
  code_interpreter: { family: 'code_execution_', type: 'code_execution_20250825', name: 'code_execution' },
} as const satisfies Partial<Record<ServerToolName, { family: string; type: string; name: string }>>;

type KnownServerTool = keyof typeof serverTools;

const names: readonly KnownServerTool[] = ['web_search', 'web_extractor', 'code_interpreter'];

/** What a tool type asks a server for, or undefined where only Anthropic knows. */
export function serverToolOf(type: string): KnownServerTool | undefined {
  return names.find((name) => type.startsWith(serverTools[name].family));
}

/** True where the tool says nothing beyond the wish itself. */
export function plainServerTool(name: KnownServerTool, tool: JsonObject): boolean {
  const { type, name: own } = serverTools[name];
  return tool['type'] === type && tool['name'] === own && Object.keys(tool).length === 2;
}

export function writeServerTool(name: KnownServerTool): JsonObject {
  const { type, name: own } = serverTools[name];
  return { type, name: own };
}

export function isKnownServerTool(name: string): name is KnownServerTool {
  return names.some((known) => known === name);
}
