import type { Json } from '../../model/json.ts';
import type { ServerToolName } from '../../model/request.ts';

/** Tools that a server runs, by their types on this wire: OpenAI's (two of its names for web search have dates), and Alibaba's. */
const types: Readonly<Record<ServerToolName, RegExp>> = {
  web_search: /^web_search(?:_preview)?(?:_\d{4}_\d{2}_\d{2})?$/,
  web_extractor: /^web_extractor$/,
  code_interpreter: /^code_interpreter$/,
  web_search_image: /^web_search_image$/,
  image_search: /^image_search$/,
};

export const serverToolNames: readonly ServerToolName[] = [
  'web_search',
  'web_extractor',
  'code_interpreter',
  'web_search_image',
  'image_search',
];

/** The tool that a type of `tools` names; undefined for one that no server here runs. */
export function serverToolOf(type: Json | undefined): ServerToolName | undefined {
  return typeof type === 'string' ? serverToolNames.find((name) => types[name].test(type)) : undefined;
}
