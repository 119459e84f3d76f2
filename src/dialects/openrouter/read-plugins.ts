import type { Json } from '../../model/json.ts';
import { optionalArray, optionalBoolean, requiredString, requireObject } from '../../protocols/wire/fields.ts';

export interface ReadPlugins {
  /** Whether the web plugin is among them. */
  readonly searches: boolean;
  /** Those that have no word in the model; undefined where there are none. */
  readonly rest: readonly Json[] | undefined;
}

/** A plugin that asks for no more than a web search is one; every other goes on as it is. */
export function readPlugins(value: Json | undefined): ReadPlugins {
  const plugins = value === undefined ? undefined : optionalArray({ plugins: value }, 'plugins', '');
  const rest: Json[] = [];
  let searches = false;
  for (const [index, entry] of (plugins ?? []).entries()) {
    const path = `plugins[${index}]`;
    const plugin = requireObject(entry, path, 'a plugin: an object with an id');
    const isWeb = requiredString(plugin, 'id', path, 'the id of a plugin, such as "web"') === 'web';
    const isOn = optionalBoolean(plugin, 'enabled', path) !== false;
    // Switched off, it asks for nothing.
    if (!isOn) continue;
    searches ||= isWeb;
    const options = Object.keys(plugin).filter((key) => key !== 'id' && key !== 'enabled');
    if (!isWeb || options.length > 0) rest.push(plugin);
  }
  return { searches, rest: rest.length === 0 ? undefined : rest };
}
