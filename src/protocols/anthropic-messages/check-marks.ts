import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { isArray } from '../wire/fields.ts';

export const maxMarks = 4;

/** Refuses a request with more cache marks than this wire takes, naming the first that is too many. Tools come first in a prompt. */
export function checkMarks(body: JsonObject): void {
  const paths = [
    ...pathsIn(body['tools'], 'tools'),
    ...pathsIn(body['system'], 'system'),
    ...(isArray(body['messages']) ? body['messages'] : []).flatMap((message, index) =>
      isJsonObject(message) ? pathsIn(message['content'], `messages[${index}].content`) : [],
    ),
    ...(isMarked(body) ? ['cache_control'] : []),
  ];
  const param = paths[maxMarks];
  if (param === undefined) return;
  const message = `${param} is one of ${paths.length} cache marks; a request may have up to ${maxMarks}.`;
  throw new FlashmuxError('invalid_request', message, { param });
}

/** Marks of a list of tools or blocks, and of the blocks inside tool results. */
function pathsIn(list: Json | undefined, path: string): readonly string[] {
  if (!isArray(list)) return [];
  return list.flatMap((entry, index) => {
    if (!isJsonObject(entry)) return [];
    const own = isMarked(entry) ? [`${path}[${index}].cache_control`] : [];
    return entry['type'] === 'tool_result' ? [...own, ...pathsIn(entry['content'], `${path}[${index}].content`)] : own;
  });
}

function isMarked(entry: JsonObject): boolean {
  return isJsonObject(entry['cache_control']);
}
