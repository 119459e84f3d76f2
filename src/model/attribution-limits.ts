/** What of an `Attribution` can be kept; readers refuse more. Characters are UTF-16 units. */
export const attributionLimits = { userCharacters: 256, tags: 10, tagCharacters: 64 } as const;

/**
 * True for text that every database gives back as it was. PostgreSQL has no NUL, and half of a surrogate pair is another character
 * after its way through UTF-8: two tags that differ in nothing else would become one.
 */
export function isKeepable(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text);
}
