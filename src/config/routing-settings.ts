import { z } from 'zod';

const strategy = z.enum(['balanced', 'configured', 'price', 'throughput', 'latency']);
const milliseconds = z.int().min(1).max(86_400_000);

export const routingSettings = z
  .strictObject({
    strategy: strategy
      .default('balanced')
      .describe(
        'Who is asked first where a call wishes nothing. balanced: by chance, the cheaper and the faster the likelier; configured: the order of the providers.',
      ),
    strategies: z
      .record(z.string().min(1), strategy)
      .default({})
      .describe('Other strategies of single models, by canonical id (`id:variant` for a variant).'),
    exploration: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.03)
      .describe('Largest share of the calls that go to a host that nobody has measured of late.'),
    tries_per_host: z.int().min(1).max(10).default(2).describe('How often one host is tried for one call.'),
    retry_budget_ms: z
      .int()
      .min(0)
      .max(600_000)
      .default(10_000)
      .describe('How long after its first try a call may still be tried again at a host that failed it.'),
    retry_pause_ms: milliseconds
      .default(200)
      .describe('Pause before hosts that failed are tried again, doubled each round; half of it is chance.'),
    silent_after_ms: milliseconds
      .default(60_000)
      .describe('How long the first word of a host is waited for while another could be asked. Long prompts have longer.'),
    open_after_failures: z.int().min(1).max(1_000).default(3).describe('Failures in a row after which a host is passed over.'),
    open_ms: milliseconds.default(5_000).describe('For how long at first; each time that it goes on failing doubles it.'),
    longest_open_ms: milliseconds.default(300_000).describe('For how long at most.'),
  })
  .prefault({});
