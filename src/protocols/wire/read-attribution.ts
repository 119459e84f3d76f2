import { attributionLimits, isKeepable } from '../../model/attribution-limits.ts';
import type { JsonObject } from '../../model/json.ts';
import { at, optionalArray, optionalString, refuse } from './fields.ts';

const { userCharacters, tags: mostTags, tagCharacters } = attributionLimits;

/** The caller's own user. Throws for a text that cannot be kept as it was said. */
export function readUser(object: JsonObject, key: string, path: string): string | undefined {
  const user = optionalString(object, key, path);
  if (user === undefined || fits(user, userCharacters)) return user;
  throw refuse(at(path, key), user, accepted(userCharacters));
}

/** What a call is for, in the caller's words. Throws for more tags, or other ones, than can be kept. */
export function readTags(object: JsonObject, key: string, path: string): readonly string[] | undefined {
  const tags = optionalArray(object, key, path);
  if (tags !== undefined && tags.length > mostTags) throw refuse(at(path, key), tags, `an array of up to ${mostTags} tags`);
  return tags?.map((tag, index) => {
    if (typeof tag !== 'string' || !fits(tag, tagCharacters)) {
      throw refuse(`${at(path, key)}[${index}]`, tag, accepted(tagCharacters));
    }
    return tag;
  });
}

function fits(text: string, most: number): boolean {
  return text.length <= most && isKeepable(text);
}

function accepted(most: number): string {
  return `a text of 1 to ${most} characters without control characters`;
}
