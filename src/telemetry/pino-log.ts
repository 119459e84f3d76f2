import { pino, type DestinationStream } from 'pino';
import type { Log } from './log.ts';

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the lines go; standard error in life, so that standard output stays free for what a command prints. */
  readonly destination: DestinationStream;
}

/** JSON lines. Fields that could hold a secret are cut out by name, and keys by their shape, as a second line of defence. */
export function createPinoLog({ level, destination }: PinoLogOptions): Log {
  return pino(
    {
      level,
      base: null,
      redact: { paths: [...secretFields, ...secretFields.map((field) => `*.${field}`)], censor: '[cut]' },
      serializers: { error: describeError },
      hooks: { streamWrite: cutKeys },
    },
    destination,
  );
}

const secretFields = [
  'authorization',
  'apiKey',
  'api_key',
  'secret',
  'key',
  'pepper',
  'password',
  'token',
  'prompt',
  'messages',
  'body',
];

/** Our own keys and the shapes of well-known vendors' keys. */
const keyShapes = /\b(fm_[a-z0-9]+_[A-Za-z0-9_]{6})[A-Za-z0-9]+|\b(sk-[A-Za-z0-9]{4})[A-Za-z0-9_-]{12,}/g;

function cutKeys(line: string): string {
  return line.replace(keyShapes, (_, ours: string | undefined, theirs: string | undefined) => `${ours ?? theirs ?? ''}[cut]`);
}

interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: DescribedError | string;
}

/** At most 4 causes deep: a cause may be its own cause. */
function describeError(error: unknown, depth = 0): DescribedError | string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...('code' in error ? { code: error.code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth > 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}
