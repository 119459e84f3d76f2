import { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import type { BackupRow, DatabaseKind } from './backup-ports.ts';

/*
 * A backup is gzip over lines of JSON: a head, one line a row, and a closing line. Described for users in docs/operating.md.
 *
 *   {"format":"flashmux-backup","version":1,"schema":3,"createdAt":"2026-11-02T10:00:00.000Z","database":"sqlite"}
 *   {"t":"accounts","r":{"id":"acme","credits":"5000000000", ...}}
 *   {"end":{"rows":{"accounts":1, ...},"sha256":"<of every byte before this line>"}}
 */

/** Raised when a program that reads the version before would misread the file. New tables and columns are the schema's business. */
const version = 1;

export interface BackupHead {
  /** The number of the migration after which the tables look as they do in the file. */
  readonly schema: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly database: DatabaseKind;
  /** The secret under which API keys are hashed, as hex; only where it was asked for. */
  readonly pepper?: string;
}

/** Of each table, how many rows the backup has. */
export type RowCounts = Readonly<Record<string, number>>;

export interface BackupEnd {
  readonly rows: RowCounts;
  /** Over every byte before the closing line, as hex. It finds damage; it is no signature. */
  readonly sha256: string;
}

export type BackupLine =
  | { readonly kind: 'row'; readonly table: string; readonly row: BackupRow }
  | { readonly kind: 'end'; readonly end: BackupEnd };

export function headLine({ schema, createdAt, database, pepper }: BackupHead): string {
  const secret = pepper === undefined ? {} : { pepper };
  const head = { format: 'flashmux-backup', version, schema, createdAt: new Date(createdAt).toISOString(), database, ...secret };
  return `${JSON.stringify(head)}\n`;
}

export function rowLine(table: string, row: BackupRow): string {
  return `${JSON.stringify({ t: table, r: row })}\n`;
}

export function endLine(end: BackupEnd): string {
  return `${JSON.stringify({ end })}\n`;
}

const announcedSchema = z.looseObject({ format: z.literal('flashmux-backup'), version: z.int() });

const headSchema = z.strictObject({
  format: z.literal('flashmux-backup'),
  version: z.literal(version),
  schema: z.int().min(1),
  createdAt: z.iso.datetime().transform((text) => Date.parse(text)),
  database: z.enum(['sqlite', 'postgres']),
  pepper: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
});

const endSchema = z.strictObject({
  end: z.strictObject({ rows: z.record(z.string(), z.int().min(0)), sha256: z.string() }),
});

/** Undefined for text that is no head. Throws `conflict` for the head of a format that this program does not know yet. */
export function readHead(text: string): BackupHead | undefined {
  const value = parsed(text);
  const announced = announcedSchema.safeParse(value);
  if (!announced.success) return undefined;
  if (announced.data.version > version) {
    throw new FlashmuxError(
      'conflict',
      `The backup was written by a newer flashmux (format ${announced.data.version}, this one reads ${version}). Install that version or a later one.`,
    );
  }
  const head = headSchema.safeParse(value);
  if (!head.success) return undefined;
  const { schema, createdAt, database, pepper } = head.data;
  return { schema, createdAt, database, ...(pepper === undefined ? {} : { pepper }) };
}

/** Undefined for text that is neither a row nor a closing line. */
export function readLine(text: string): BackupLine | undefined {
  const value = parsed(text);
  if (isRowLine(value)) return { kind: 'row', table: value.t, row: value.r };
  const line = endSchema.safeParse(value);
  return line.success ? { kind: 'end', end: line.data.end } : undefined;
}

/** By hand and not by a schema: there are millions of these, and each is read twice. */
function isRowLine(value: unknown): value is { readonly t: string; readonly r: BackupRow } {
  return (
    isRecord(value) &&
    Object.keys(value).length === 2 &&
    typeof value['t'] === 'string' &&
    isRecord(value['r']) &&
    isRow(value['r'])
  );
}

function isRow(columns: Readonly<Record<string, unknown>>): boolean {
  for (const column in columns) {
    const value = columns[column];
    if (typeof value !== 'string' && value !== null) return false;
  }
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
