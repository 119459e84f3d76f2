import type { Notice } from '../../src/model/notice.ts';
import type { Loss, Protocol } from '../../src/protocols/codec.ts';
import type { Difference } from './request-differences.ts';

/** Which row of a table of losses stands for a difference, and the notice that tells it. */
export interface Explanation {
  /** `Difference.what`; with a star at its end, all that begin so. */
  readonly what: string;
  /** `Loss.what` of the protocol that it was written to. */
  readonly row: string;
  /** Must fit `code path: message` of a notice about the place. Absent: it goes without a notice, as its row says. */
  readonly told?: RegExp;
  readonly when?: (difference: Difference) => boolean;
}

export interface Verdict {
  /** Rows of the table by how often each stood for a difference. */
  readonly losses: ReadonlyMap<string, number>;
  /** Differences that a notice told. */
  readonly told: number;
  readonly differences: number;
  /** What no row stands for, or no notice told. Must be empty. */
  readonly unexplained: readonly string[];
}

/** Holds each difference against the table of losses and the notices. */
export function judge(differences: readonly Difference[], notices: readonly Notice[], table: readonly Explanation[]): Verdict {
  const losses = new Map<string, number>();
  const unexplained: string[] = [];
  let told = 0;
  for (const difference of differences) {
    const fitting = table.filter(({ what, when }) => fits(what, difference.what) && (when?.(difference) ?? true));
    const right = fitting.find((one) => one.told === undefined || notices.some((notice) => tells(notice, difference, one.told)));
    if (right === undefined) unexplained.push(`${fitting.length === 0 ? 'no row' : 'no notice'}: ${JSON.stringify(difference)}`);
    else {
      losses.set(right.row, (losses.get(right.row) ?? 0) + 1);
      if (right.told !== undefined) told += 1;
    }
  }
  return { losses, told, differences: differences.length, unexplained };
}

function fits(pattern: string, what: string): boolean {
  return pattern.endsWith('*') ? what.startsWith(pattern.slice(0, -1)) : pattern === what;
}

/** A notice tells of its place, of what stands in it, and of what it stands in. */
function tells({ code, path, message }: Notice, difference: Difference, pattern: RegExp | undefined): boolean {
  const isPlaced = /^(?:messages|tools|choices)\[/.test(difference.path);
  const isThere = path === difference.path || difference.path.startsWith(`${path}.`) || path.startsWith(`${difference.path}.`);
  return (!isPlaced || isThere) && pattern?.test(`${code} ${path}: ${message}`) === true;
}

/** What of a table of explanations is not as the protocol's own table of losses has it. */
export function wrongExplanations(
  table: readonly Explanation[],
  { losses }: Protocol,
  direction: Loss['direction'],
): readonly string[] {
  const rows = losses.filter((loss) => loss.direction === direction);
  return table.flatMap(({ what, row, told }) => {
    const loss = rows.find((one) => one.what === row);
    if (loss === undefined) return [`${what}: there is no row "${row}"`];
    const goesSilently =
      direction === 'answer' ? !/told in the (?:notices|warnings)/i.test(loss.why) : /without a notice/i.test(loss.why);
    return told === undefined && !goesSilently ? [`${what}: the row "${row}" does not say that it goes without a notice`] : [];
  });
}
