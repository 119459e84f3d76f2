import { z } from 'zod';

/**
 * Every setting, with its default. The keys are those of flashmux.yaml; the environment name of `server.port` is
 * FLASHMUX_SERVER__PORT. Defaults are here and nowhere else, so that an empty file and no file mean the same.
 */
const port = z.int().min(0).max(65_535);
const milliseconds = z.int().min(1).max(86_400_000);
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name is made of a-z, 0-9 and -, and at most 64 long');

const server = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
    port: port.default(4400).describe('Port to listen on; 0 takes a free one.'),
    max_body_bytes: z.int().min(1_024).max(1_073_741_824).default(33_554_432).describe('Largest request body.'),
    drain_ms: milliseconds.default(30_000).describe('How long running requests may take to end after SIGTERM.'),
    heartbeat_ms: milliseconds.default(15_000).describe('Silence in a stream after which a comment keeps it alive.'),
    stalled_reader_ms: milliseconds.default(60_000).describe('How long a caller may leave its stream unread before it is cut.'),
  })
  .prefault({});

const limits = z
  .strictObject({
    max_in_flight: z.int().min(1).max(100_000).default(256).describe('Requests that run at the same time.'),
    max_in_flight_per_key: z.int().min(1).max(100_000).default(128).describe('The same for one API key.'),
    max_queued: z.int().min(0).max(100_000).default(256).describe('Requests that wait for a place.'),
    max_queue_ms: milliseconds.default(5_000).describe('Longest wait for a place.'),
    first_event_ms: milliseconds
      .default(600_000)
      .describe('Longest wait for the first word of a host. Prompts are slow on CPUs.'),
    idle_ms: milliseconds.default(120_000).describe('Longest silence of a host in the middle of an answer.'),
    total_ms: milliseconds.default(3_600_000).describe('Longest answer.'),
  })
  .prefault({});

const engine = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Run a local model in a child process.'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Id of an installed model, or path of a GGUF file. Absent: what is installed, or the default for this machine.'),
    pull: z.boolean().default(true).describe('Pull the default model at the first start.'),
    context_tokens: z
      .int()
      .min(256)
      .max(1_048_576)
      .optional()
      .describe('Context of each sequence. Absent: 8,192 or what the model has.'),
    parallel: z.int().min(1).max(64).default(4).describe('Requests that the engine runs at the same time.'),
    threads: z.int().min(1).max(512).optional().describe('Threads for arithmetic. Absent: one fewer than the physical cores.'),
    gpu: z.enum(['off', 'auto']).default('off').describe('auto uses a GPU where the installed engine package supports it.'),
  })
  .prefault({});

const models = z.union([z.array(z.string().min(1)).min(1), z.record(z.string().min(1), z.string().min(1))], {
  error: "must be a list of model ids, or a map from our id to the host's own",
});

const provider = z.strictObject({
  name: name.describe('How it is called in answers, headers and logs.'),
  type: z.literal('openai-compatible').default('openai-compatible').describe('Which API it speaks.'),
  base_url: z.url({ protocol: /^https?$/ }).describe('Up to and with /v1, such as http://127.0.0.1:8000/v1.'),
  api_key: z.string().min(1).optional().describe('Write ${NAME} to take it from the environment.'),
  headers: z.record(z.string(), z.string()).optional().describe('Sent with every request to it.'),
  quirks: z.string().min(1).default('generic').describe('Row of the quirks table that fits the server.'),
  cancellable: z
    .boolean()
    .optional()
    .describe('Whether the host stops billing when a request is aborted. Absent: as its row says.'),
  models: models.describe("Models it serves: a list of ids, or a map from our id to the host's own."),
});

const prices = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe('Price file, YAML or JSON. A relative path is seen from the folder of the file that says it.'),
    unpriced: z
      .enum(['free', 'refuse'])
      .optional()
      .describe("What becomes of a provider's model that has no price anywhere. Absent: refuse with a price file, free without."),
  })
  .prefault({});

const credits = z
  .strictObject({
    unit: z
      .enum(['usd', 'credits'])
      .default('usd')
      .describe('Unit of the header x-remaining-credits: dollars as decimal text, or whole credits.'),
    // AI/ML API counts 2,000,000 for a dollar (derived from the two samples of its page).
    per_usd: z.int().min(1).max(1_000_000_000).default(2_000_000).describe('Credits for one dollar.'),
  })
  .prefault({});

/** Names that flashmux uses itself. */
const takenNames = new Set(['embedded', 'scripted']);

function refuseTwins(providers: readonly z.infer<typeof provider>[], context: z.RefinementCtx): void {
  const seen = new Set(takenNames);
  for (const [index, { name: own }] of providers.entries()) {
    if (seen.has(own)) {
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: `the name "${own}" is taken; each provider needs its own`,
      });
    }
    seen.add(own);
  }
}

export const configSchema = z.strictObject({
  home: z.string().min(1).default('~/.flashmux').describe('Folder of the database, keys and models.'),
  server,
  limits,
  engine,
  providers: z.array(provider).default([]).superRefine(refuseTwins),
  prices,
  credits,
  scripted: z
    .strictObject({ enabled: z.boolean().default(false).describe('Offer the scripted test provider. For tests and demos only.') })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('From which severity on.'),
      format: z
        .enum(['auto', 'json', 'text'])
        .default('auto')
        .describe('JSON lines, or short lines for people. auto: text on a terminal, JSON elsewhere.'),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** Paths whose values are never shown. */
export const secretPaths: readonly RegExp[] = [/^providers\.\d+\.api_key$/, /^providers\.\d+\.headers\./];
