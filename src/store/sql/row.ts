import type { Row } from './statement.ts';

// A column that is missing or of another type means that schema and program do not fit: a bug, hence plain errors.

export function textColumn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrongType(column, 'text', value);
  return value;
}

/** A 64-bit integer, exact. */
export function bigintColumn(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value !== 'bigint') throw wrongType(column, 'an integer', value);
  return value;
}

/** An integer that counts or dates something. Throws RangeError above 2^53, where a number is no longer exact. */
export function numberColumn(row: Row, column: string): number {
  // money: counts or dates something; refused below where it is not exact
  const value = Number(bigintColumn(row, column));
  if (!Number.isSafeInteger(value)) throw new RangeError(`The column ${column} holds ${value}, which is no exact number.`);
  return value;
}

/** One of the words that the column may hold. */
export function wordColumn<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const value = textColumn(row, column);
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw wrongType(column, `one of ${words.join(', ')}`, value);
  return word;
}

/** A list of texts, kept as JSON. */
export function textsColumn(row: Row, column: string): readonly string[] {
  const value: unknown = JSON.parse(textColumn(row, column));
  if (!Array.isArray(value)) throw wrongType(column, 'a list', value);
  return value.map((text: unknown) => {
    if (typeof text !== 'string') throw wrongType(column, 'a list of texts', text);
    return text;
  });
}

function wrongType(column: string, wanted: string, value: unknown): Error {
  return new Error(`The column ${column} should hold ${wanted}, not ${value === null ? 'null' : typeof value}.`);
}
