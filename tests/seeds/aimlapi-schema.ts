import { z } from 'zod';

/*
 * The answers of chat completions as the OpenAPI document on AI/ML API's page has them, in the words of zod. In three places the document
 * asks for more than its own samples, and than any stream of this protocol, can give: it requires role and content in each delta, a reason in
 * each chunk, and a content where the model called a tool. They are as OpenAI's clients want them here.
 */
const tokens = z.int().min(0);

const usage = z.looseObject({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  completion_tokens_details: z
    .looseObject({
      accepted_prediction_tokens: tokens.nullish(),
      audio_tokens: tokens.nullish(),
      reasoning_tokens: tokens.nullish(),
      rejected_prediction_tokens: tokens.nullish(),
    })
    .nullish(),
  prompt_tokens_details: z.looseObject({ audio_tokens: tokens.nullish(), cached_tokens: tokens.nullish() }).nullish(),
});

const tokenLogprob = z.looseObject({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()),
  top_logprobs: z.array(z.looseObject({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()).nullish() })).nullish(),
});
const logprobs = z.looseObject({ content: z.array(tokenLogprob), refusal: z.array(tokenLogprob) });

const citation = z.looseObject({
  type: z.literal('url_citation'),
  url_citation: z.looseObject({ start_index: z.int(), end_index: z.int(), title: z.string(), url: z.string() }),
});
const calledFunction = z.looseObject({ name: z.string(), arguments: z.string() });
const call = z.looseObject({ id: z.string(), type: z.literal('function'), function: calledFunction });

export const aimlapiAnswer = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']),
      logprobs: logprobs.nullish(),
      message: z.looseObject({
        role: z.string(),
        content: z.string().nullable(),
        refusal: z.string().nullish(),
        annotations: z.array(citation).nullish(),
        audio: z
          .looseObject({ id: z.string(), data: z.base64(), transcript: z.string(), expires_at: z.int().optional() })
          .nullish(),
        tool_calls: z.array(call).nullish(),
      }),
    }),
  ),
  usage,
  meta: z.strictObject({ usage: z.strictObject({ credits_used: z.int(), usd_spent: z.number() }) }),
});

export const aimlapiChunk = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int(),
  model: z.string(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority']).nullish(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls', 'function_call']).nullable(),
      logprobs: logprobs.nullish(),
      delta: z
        .looseObject({
          role: z.enum(['user', 'assistant', 'developer', 'system', 'tool']).optional(),
          content: z.string().optional(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.looseObject({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: calledFunction.partial({ name: true }),
              }),
            )
            .nullish(),
        })
        .nullish(),
    }),
  ),
  usage: usage.nullish(),
});
