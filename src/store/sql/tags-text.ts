/** Stands before and after each tag. Readers of requests refuse control characters in tags (model/attribution-limits.ts). */
const separator = '\u001f';

/** All tags of a call as one column holds them, in their order. A separator inside one becomes a space: a charge must not fail for it. */
export function tagsText(tags: readonly string[]): string {
  return separator + tags.map((tag) => `${tag.replaceAll(separator, ' ')}${separator}`).join('');
}

export function tagsIn(text: string): readonly string[] {
  return text.split(separator).slice(1, -1);
}

/** What stands in the column of every call that has this tag, and of no other. */
export function tagMark(tag: string): string {
  return separator + tag + separator;
}
