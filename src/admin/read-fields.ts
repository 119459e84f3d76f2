import { z } from 'zod';
import type { Incoming } from '../http/incoming.ts';
import { readJsonBody } from '../http/read-body.ts';
import { readUsdDecimal } from '../ledger/amount.ts';
import { FlashmuxError } from '../model/fault.ts';

/**
 * The fields of a body. Throws `invalid_request` that names every wrong field and what would be right; `param` is the first. A
 * request without a body has no fields.
 */
export async function readFields<Shape extends z.ZodRawShape>(
  incoming: Incoming,
  schema: z.ZodObject<Shape, z.core.$strict>,
): Promise<z.infer<typeof schema>> {
  const body = isEmpty(incoming) ? {} : await readJsonBody(incoming);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const mistakes = read.error.issues.map((issue) => mistakeOf(issue, Object.keys(schema.shape)));
  const [first] = mistakes;
  const message = `${mistakes.map(({ path, what }) => `"${path}" ${what}`).join('; ')}.`;
  throw new WrongFields(message, first === undefined ? {} : { param: first.path });
}

/** Its param is a field as its sender wrote it. */
export class WrongFields extends FlashmuxError {
  constructor(message: string, details: { readonly param?: string }) {
    super('invalid_request', message, details);
  }
}

function isEmpty({ request: { headers } }: Incoming): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

interface Mistake {
  readonly path: string;
  readonly what: string;
}

function mistakeOf(issue: z.core.$ZodIssue, known: readonly string[]): Mistake {
  const path = issue.path.map(String);
  if (path.length === 0 && issue.code === 'invalid_type') return { path: 'body', what: 'must be a JSON object' };
  if (issue.code !== 'unrecognized_keys') return { path: path.join('.') || 'body', what: issue.message };
  const fields = path.length === 0 && known.length > 0 ? `; the fields are ${known.join(', ')}` : '';
  return { path: [...path, ...issue.keys.slice(0, 1)].join('.'), what: `is no field here${fields}` };
}

const exampleUsd = 'must be dollars as text with at most 9 decimals, such as "12.50"';

/** Dollars as decimal text. Their range is the ledger's business. */
export const usd = z.string({ error: exampleUsd }).transform((written, context) => {
  const amount = readUsdDecimal(written);
  if (amount !== undefined) return amount;
  context.issues.push({ code: 'custom', message: exampleUsd, input: written });
  return z.NEVER;
});

export function text(most: number): z.ZodString {
  const right = `must be a text of 1 to ${most} characters`;
  return z.string({ error: right }).min(1, right).max(most, right);
}

/** A moment with its zone, in Unix milliseconds. */
export const moment = z
  .string({ error: exampleMoment() })
  .pipe(z.iso.datetime({ offset: true, error: exampleMoment() }))
  .transform((written) => Date.parse(written));

function exampleMoment(): string {
  return 'must be a time with its zone, such as "2027-01-31T00:00:00Z"';
}

export function oneOf<Word extends string>(words: readonly [Word, ...Word[]]): z.ZodEnum<{ [Each in Word]: Each }> {
  return z.enum(words, { error: `must be ${words.map((word) => JSON.stringify(word)).join(' or ')}` });
}

export function count(most: number): z.ZodInt {
  const right = `must be a whole number from 1 to ${most}`;
  return z.int({ error: right }).min(1, right).max(most, right);
}
