import { attributionLimits } from '../../model/attribution-limits.ts';
import type { JsonObject } from '../../model/json.ts';

const { userCharacters, tagCharacters } = attributionLimits;

/** What `readUser` takes. */
export const userText = textOf(1, userCharacters);
/** The same where an empty text names nobody. */
export const userTextOrNone = textOf(0, userCharacters);
/** What `readTags` takes, of each tag. */
export const tagText = textOf(1, tagCharacters);

/** Text that can be kept: no control characters. */
function textOf(least: number, most: number): JsonObject {
  return { type: 'string', pattern: `^[^\\u0000-\\u001f\\u007f-\\u009f]{${least},${most}}$` };
}
