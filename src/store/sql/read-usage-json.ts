import { z } from 'zod';
import type { Json } from '../../model/json.ts';
import type { ChargeLine } from '../../model/money.ts';
import type { InputUsage, OutputUsage, Usage } from '../../model/usage.ts';

// The other half of usage-json.ts, apart from it because the thread that writes would carry the schemas for nothing.

export function readUsage(text: string): Usage {
  return usage.parse(JSON.parse(text));
}

export function readLines(text: string): readonly ChargeLine[] {
  return z.array(line).parse(JSON.parse(text));
}

const count = z.number().exactOptional();

const json: z.ZodType<Json> = z.json();

// `satisfies` keeps the schemas whole: a field added to the model does not compile until it is read here too.
const usage = z.strictObject({
  input: z.strictObject({
    total: count,
    text: count,
    image: count,
    audio: count,
    video: count,
    cacheRead: count,
    cacheWrite: count,
    cacheKind: z.enum(['explicit', 'implicit']).exactOptional(),
  } satisfies Record<keyof InputUsage, z.ZodType>),
  output: z.strictObject({
    total: count,
    text: count,
    audio: count,
    reasoning: count,
    acceptedPrediction: count,
    rejectedPrediction: count,
  } satisfies Record<keyof OutputUsage, z.ZodType>),
  toolCalls: z.record(z.string(), z.number()),
  estimated: z.boolean().exactOptional(),
  raw: z.record(z.string(), json).exactOptional(),
} satisfies Record<keyof Usage, z.ZodType>);

const meter = z.union([
  z.enum([
    'input-text',
    'input-image',
    'input-audio',
    'input-video',
    'cache-read-explicit',
    'cache-read-implicit',
    'cache-write',
    'output-text',
    'output-audio',
    'reasoning',
    'request',
  ]),
  z.templateLiteral(['tool:', z.string()]),
]);

const line = z.strictObject({
  meter,
  quantity: z.number(),
  rate: z.strictObject({ usd: z.string(), per: z.number() }),
  amount: z.string().transform((text) => BigInt(text)),
  estimated: z.boolean().exactOptional(),
} satisfies Record<keyof ChargeLine, z.ZodType>);
