import type { Effort } from '../model/request.ts';

/**
 * Tokens of thinking that an effort stands for. With `limit` the most that the model can think:
 *
 * | effort  | budget                         | at 81,920 | at 262,144 |
 * | ------- | ------------------------------ | --------- | ---------- |
 * | none    | thinking is off                |           |            |
 * | minimal | 1,024, at most limit / 16      | 1,024     | 1,024      |
 * | low     | 4,096, at most limit / 8       | 4,096     | 4,096      |
 * | medium  | 16,384, at most limit / 4      | 16,384    | 16,384     |
 * | high    | limit / 2                      | 40,960    | 131,072    |
 * | xhigh   | limit                          | 81,920    | 262,144    |
 * | max     | limit                          | 81,920    | 262,144    |
 *
 * Alibaba names 4,096, 16,384 and 262,144 for low, medium and xhigh of Qwen3.8 (Model Studio documentation, 2026-09);
 * EmpirioLabs says only that the budgets are bounded and sized to the model. The shares keep the order on small models.
 */
export function effortBudget(effort: Exclude<Effort, 'none'>, limit: number): number {
  switch (effort) {
    case 'minimal':
      return atLeastOne(Math.min(1024, limit / 16));
    case 'low':
      return atLeastOne(Math.min(4096, limit / 8));
    case 'medium':
      return atLeastOne(Math.min(16_384, limit / 4));
    case 'high':
      return atLeastOne(limit / 2);
    case 'xhigh':
    case 'max':
      return limit;
  }
}

/** A budget of 0 would not be thinking. */
function atLeastOne(tokens: number): number {
  return Math.max(1, Math.floor(tokens));
}
