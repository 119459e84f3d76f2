/** Longer ids are nonsense and would only cost time. */
const longestId = 96;

/**
 * The known ids that were probably meant, best first. Letters of the other case are the nearest miss of all; beyond about a
 * third of the letters nothing is near.
 */
export function closestIds(id: string, known: Iterable<string>, most: number): readonly string[] {
  if (id === '' || id.length > longestId) return [];
  const wanted = id.toLowerCase();
  const farthest = Math.max(2, Math.floor(wanted.length / 3));
  return [...known]
    .filter((candidate) => Math.abs(candidate.length - wanted.length) <= farthest)
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Least number of letters to insert, remove or replace (Levenshtein), one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
