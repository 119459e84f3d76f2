import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Bill } from '../../model/event.ts';
import type { Usage } from '../../model/usage.ts';
import { readUsage as readRaw } from '../openai-chat/read-usage.ts';
import { count } from '../wire/count.ts';
import { said, wire } from '../wire/said.ts';
import { writeUsage as writeRaw } from '../openai-chat/write-usage.ts';

/**
 * Both specifications count the same way: cached tokens lie inside `inputTokens.total`, reasoning lies inside `outputTokens.total`, and
 * what nobody told is left out. What they have no word for (modalities, tools, cost) stands in `raw`, as chat completions tell it.
 */
export function writeUsage(usage: Usage | undefined, bill: Bill | undefined): JsonObject {
  const { input, output } = usage ?? { input: {}, output: {} };
  const { total, cacheRead, cacheWrite } = input;
  const isSplit = cacheRead !== undefined || cacheWrite !== undefined;
  return wire({
    inputTokens: wire({
      total,
      noCache: total === undefined || !isSplit ? undefined : Math.max(0, total - (cacheRead ?? 0) - (cacheWrite ?? 0)),
      cacheRead,
      cacheWrite,
    }),
    outputTokens: wire({
      total: output.total,
      text:
        output.total === undefined || output.reasoning === undefined ? undefined : Math.max(0, output.total - output.reasoning),
      reasoning: output.reasoning,
    }),
    raw: usage === undefined ? undefined : writeRaw(usage, bill),
  });
}

/** `raw` of our own kind says more than the fields beside it; of any other kind it is kept as it is. */
export function readUsage(usage: JsonObject): Usage {
  const raw = usage['raw'];
  const isOurs = isJsonObject(raw) && typeof raw['prompt_tokens'] === 'number' && typeof raw['completion_tokens'] === 'number';
  const told = isOurs ? readRaw(raw) : undefined;
  const { cacheRead: _, cacheWrite: __, total: ___, ...media } = told?.input ?? {};
  const { reasoning: ____, total: _____, ...modes } = told?.output ?? {};
  const input = objectOr(usage['inputTokens']);
  const output = objectOr(usage['outputTokens']);
  const unknown = told === undefined ? (isJsonObject(raw) ? raw : undefined) : told.raw;
  return {
    input: {
      ...media,
      ...said({ total: count(input['total']), cacheRead: count(input['cacheRead']), cacheWrite: count(input['cacheWrite']) }),
    },
    output: { ...modes, ...said({ total: totalOf(output), reasoning: count(output['reasoning']) }) },
    toolCalls: told?.toolCalls ?? {},
    ...(told?.estimated === true ? { estimated: true } : {}),
    ...(unknown === undefined ? {} : { raw: unknown }),
  };
}

/** Some hosts tell the two halves and not their sum. */
function totalOf(output: JsonObject): number | undefined {
  const text = count(output['text']);
  const reasoning = count(output['reasoning']);
  return count(output['total']) ?? (text === undefined || reasoning === undefined ? undefined : text + reasoning);
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
