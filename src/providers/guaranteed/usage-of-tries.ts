import type { OutputUsage, Usage } from '../../model/usage.ts';

/**
 * What an answer is said to have used: the input as its first try read it, and the output of the try that was given. What was said to a
 * model to make it mend its answer, and what it wrote in vain, the caller has not ordered. An input that the first try did not tell is
 * left untold: it is counted from the request then.
 */
export function usageOfTries(tries: readonly (Usage | undefined)[]): Usage | undefined {
  const given = tries.at(-1);
  return given === undefined || tries.length === 1 ? given : { ...given, input: tries[0]?.input ?? {} };
}

/** One usage for answers that were asked for one by one: the input counts once, as in a request for all of them. */
export function usageOfAnswers(usages: readonly (Usage | undefined)[]): Usage | undefined {
  const told = usages.filter((usage) => usage !== undefined);
  const [first, ...others] = told;
  // An answer that told nothing leaves the sum unknown; it is counted from the text then.
  if (first === undefined || told.length < usages.length) return undefined;
  const { raw: _, ...sum } = others.reduce(
    (all, usage) => ({
      ...all,
      output: addOutputs(all.output, usage.output),
      toolCalls: addCounts(all.toolCalls, usage.toolCalls),
    }),
    first,
  );
  return others.length === 0 ? first : sum;
}

function addOutputs(one: OutputUsage, other: OutputUsage): OutputUsage {
  return addCounts(definedCounts(one), definedCounts(other));
}

function definedCounts(usage: OutputUsage): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== undefined));
}

function addCounts(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...one };
  // money: counts tokens
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
