import { z } from 'zod';
import { databaseSettings } from './database-settings.ts';
import { isLoopback } from '../model/loopback.ts';
import { providerList, providerSecrets } from './provider-settings.ts';
import { routingSettings } from './routing-settings.ts';

/**
 * Every setting, with its default. The keys are those of flashmux.yaml; the environment name of `server.port` is
 * FLASHMUX_SERVER__PORT. Defaults are here and nowhere else, so that an empty file and no file mean the same.
 */
const port = z.int().min(0).max(65_535);
const milliseconds = z.int().min(1).max(86_400_000);

const addressBlock = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'must be an IP address or a block such as 10.0.0.0/8',
});

const server = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
    port: port.default(4400).describe('Port to listen on; 0 takes a free one.'),
    max_body_bytes: z.int().min(1_024).max(1_073_741_824).default(33_554_432).describe('Largest request body.'),
    drain_ms: milliseconds.default(30_000).describe('How long running requests may take to end after SIGTERM.'),
    heartbeat_ms: milliseconds.default(15_000).describe('Silence in a stream after which a comment keeps it alive.'),
    stalled_reader_ms: milliseconds.default(60_000).describe('How long a caller may leave its stream unread before it is cut.'),
    trusted_proxies: z
      .array(addressBlock)
      .default([])
      .describe('Addresses and CIDR blocks of proxies before this server whose X-Forwarded-For is believed.'),
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
    cache_mb: z
      .int()
      .min(0)
      .max(1_048_576)
      .optional()
      .describe(
        'Memory for what callers mark to be cached, in MiB. Absent: a sixteenth of what is free, from 64 to 1,024. 0: none.',
      ),
    cache_least_tokens: z
      .int()
      .min(1)
      .max(1_048_576)
      .default(64)
      .describe('A marked beginning of fewer tokens is not cached: it saves little and takes memory from longer ones.'),
  })
  .prefault({});

const prices = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe('Price file, YAML or JSON. A relative path is seen from the folder of the file that says it.'),
    unpriced: z
      .enum(['free', 'refuse'])
      .default('refuse')
      .describe("What becomes of a provider's model that has no price anywhere: the server does not start, or it costs nothing."),
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
    when_short: z
      .enum(['refuse', 'clamp'])
      .default('refuse')
      .describe('A request that could cost more than there is: refuse it (402), or lower its output to what fits and say so.'),
    idempotency_hours: z.int().min(1).max(720).default(24).describe('How long an Idempotency-Key and its answer are remembered.'),
  })
  .prefault({});

const responses = z
  .strictObject({
    keep_days: z
      .int()
      .min(0)
      .max(3_650)
      .default(30)
      .describe('How long responses and conversations are kept after their last use; 0 keeps nothing, ever.'),
    store_by_default: z
      .boolean()
      .default(true)
      .describe("Whether a response whose request does not say `store` is kept, prompt included. OpenAI's clients rely on it."),
  })
  .prefault({});

const admin = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Offer the admin API while serving.'),
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; any but a loopback one needs a token.'),
    port: port.optional().describe('Port to listen on. Absent: 4401, or a free one where `server.port` is 0.'),
    token: z
      .string()
      .min(16, 'must have at least 16 characters; "openssl rand -hex 32" makes a good one')
      .optional()
      .describe('What `Authorization: Bearer` must hold. Absent: whoever reaches the address may do everything.'),
    names: z
      .array(z.string().min(1))
      .default([])
      .describe('Host names by which it is called, beside localhost, its address and `admin.host`.'),
  })
  .prefault({})
  .superRefine(({ enabled, host, token }, context) => {
    if (!enabled || isLoopback(host) || token !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['token'],
      message: `must be set where admin.host is not a loopback address: ${host} can be reached by others, and the admin API moves money`,
    });
  });

const webhookSecret = z.string().superRefine((secret, context) => {
  const isEncoded = secret.startsWith('whsec_');
  const isStrong = isEncoded ? /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret) : secret.trim().length >= 16;
  if (isStrong) return;
  const message = isEncoded
    ? 'must be whsec_ and the base64 of at least 24 bytes'
    : 'must have at least 16 characters; a signature with a secret that can be guessed proves nothing';
  context.addIssue({ code: 'custom', message });
});

const webhooks = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where events are sent. Absent: nowhere.'),
    secret: webhookSecret.optional().describe('What they are signed with; must be set where `webhooks.url` is.'),
    low_balance_usd: z
      .string({ error: 'must be dollars as text in quotes, such as "5.00"' })
      .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be dollars with at most 9 decimals, such as "5.00"')
      .optional()
      .describe('Prepaid accounts without a mark of their own are low below it. Absent: only those with a mark.'),
  })
  .prefault({})
  .superRefine(({ url, secret }, context) => {
    if (url === undefined || secret !== undefined) return;
    const message = 'must be set where webhooks.url is: an event without a signature could come from anybody';
    context.addIssue({ code: 'custom', path: ['secret'], message });
  });

export const configSchema = z.strictObject({
  home: z.string().min(1).default('~/.flashmux').describe('Folder of the database, keys and models.'),
  database: databaseSettings,
  server,
  limits,
  engine,
  providers: providerList,
  providers_from_env: z
    .boolean()
    .default(true)
    .describe('Let a known host appear as a provider where the environment has its key, such as DASHSCOPE_API_KEY.'),
  routing: routingSettings,
  prices,
  credits,
  responses,
  admin,
  webhooks,
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
export const secretPaths: readonly RegExp[] = [
  ...providerSecrets,
  /^database\.(url|pepper)$/,
  /^admin\.token$/,
  /^webhooks\.secret$/,
];
