import { FlashmuxError } from '../../model/fault.ts';

/**
 * A model id is also the name of its folder, so it holds nothing that means something to a file system: it starts and ends with
 * a letter or digit, which leaves no room for `..`, hidden folders or the library's own `.partial`.
 */
export const modelIdPattern = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;

export function isModelId(text: string): boolean {
  return modelIdPattern.test(text) && !text.includes('..');
}

/** The id as it came. Throws `invalid_request` for a text that cannot be an id. */
export function requireModelId(text: string): string {
  if (isModelId(text)) return text;
  throw new FlashmuxError(
    'invalid_request',
    `${JSON.stringify(text.slice(0, 120))} cannot be a model id: use lower-case letters, digits and . _ - inside, at most 100 characters.`,
    { param: 'model' },
  );
}

/** The id under which a GGUF file of this name is kept. Throws `invalid_request` where the name leaves none, or is one of several parts. */
export function modelIdOfFile(fileName: string): string {
  const part = /-(\d{5})-of-(\d{5})\.gguf$/i.exec(fileName);
  if (part !== null) {
    throw new FlashmuxError(
      'invalid_request',
      `${fileName} is part ${Number(part[1])} of ${Number(part[2])} of a split model, and flashmux reads single files. Join them with llama-gguf-split --merge first.`,
      { param: 'model' },
    );
  }
  const id = fileName
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .slice(0, 100)
    .replaceAll(/^[._-]+|[._-]+$/g, '');
  return requireModelId(id);
}

/** The candidates that somebody who typed `id` may have meant, nearest first, at most three. */
export function closeIds(id: string, candidates: readonly string[]): readonly string[] {
  return candidates
    .map((candidate) => ({ candidate, distance: distance(id.toLowerCase(), candidate) }))
    .filter(({ candidate, distance: away }) => away <= Math.max(2, candidate.length / 3))
    .toSorted((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Edits between two texts (Levenshtein); none where one is the beginning or the end of the other. */
function distance(typed: string, candidate: string): number {
  if (typed.length >= 3 && (candidate.startsWith(typed) || candidate.endsWith(typed))) return 0;
  let row = Array.from({ length: candidate.length + 1 }, (_, index) => index);
  for (let line = 1; line <= typed.length; line++) {
    const next = [line];
    for (let column = 1; column <= candidate.length; column++) {
      const changed = typed[line - 1] === candidate[column - 1] ? 0 : 1;
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (row[column - 1] ?? 0) + changed));
    }
    row = next;
  }
  return row[candidate.length] ?? 0;
}
