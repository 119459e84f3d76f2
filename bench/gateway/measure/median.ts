/** The middle value; of an even count the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return below === undefined || above === undefined ? Number.NaN : (below + above) / 2;
}

/**
 * The median of what each round says for itself: rounds of a busy machine differ more from each other than the two sides of one round do,
 * which ran one right after the other. Rounds that lack a side are left out.
 */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  const ratios = ours.flatMap((own, round) => {
    const other = theirs[round];
    return other === undefined || other === 0 ? [] : [own / other];
  });
  return median(ratios);
}
