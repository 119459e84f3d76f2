import { z } from 'zod';

const count = z.int().min(0);

/** What every sample of a chat may rely on, whoever answered it: the fields that the pages print, with the types they have there. */
export const chatAnswer = z.looseObject({
  id: z.string().min(1),
  object: z.literal('chat.completion'),
  created: z.int().positive(),
  model: z.string().min(1),
  system_fingerprint: z.null(),
  choices: z.tuple([
    z.looseObject({
      index: z.literal(0),
      finish_reason: z.enum(['stop', 'length']),
      logprobs: z.null(),
      message: z.looseObject({ role: z.literal('assistant'), content: z.string(), reasoning_content: z.string() }),
    }),
  ]),
  usage: z
    .looseObject({
      prompt_tokens: count.min(1),
      completion_tokens: count,
      total_tokens: count,
      cost_usd: z.number().min(0),
      prompt_tokens_details: z.looseObject({ text_tokens: count }),
      completion_tokens_details: z.looseObject({ text_tokens: count }),
    })
    .refine((usage) => usage.total_tokens === usage.prompt_tokens + usage.completion_tokens, 'the total is no sum'),
  meta: z.object({ usage: z.object({ credits_used: count, usd_spent: z.number().min(0) }) }),
});
