import { characters, choice, literal, optional, repeat, sequence } from './gbnf.ts';
import type { Expression } from './gbnf.ts';

/** The formats of JSON Schema (2020-12, section 7.3) that a grammar can say, without the quotes. Leap days are left out. */
export const stringFormats: ReadonlyMap<string, Expression> = new Map([
  ['date', date()],
  ['time', time()],
  ['date-time', sequence(date(), literal('T'), time())],
  ['uuid', sequence(hex(8), literal('-'), hex(4), literal('-'), hex(4), literal('-'), hex(4), literal('-'), hex(12))],
]);

function date(): Expression {
  const upTo28 = choice(pair('0', '1-9'), pair('1', '0-9'), pair('2', '0-8'));
  const upTo30 = choice(upTo28, literal('29'), literal('30'));
  const day = choice(
    sequence(choice(pair('0', '13578'), pair('1', '02')), literal('-'), choice(upTo30, literal('31'))),
    sequence(choice(pair('0', '469'), literal('11')), literal('-'), upTo30),
    sequence(literal('02-'), upTo28),
  );
  return sequence(repeat(characters('[0-9]'), 4, 4), literal('-'), day);
}

function time(): Expression {
  const hour = choice(sequence(characters('[01]'), characters('[0-9]')), pair('2', '0-3'));
  const sixty = sequence(characters('[0-5]'), characters('[0-9]'));
  const fraction = optional(sequence(literal('.'), repeat(characters('[0-9]'), 1, 9)));
  const offset = choice(literal('Z'), sequence(characters('[-+]'), hour, literal(':'), sixty));
  return sequence(hour, literal(':'), sixty, literal(':'), sixty, fraction, offset);
}

function pair(first: string, second: string): Expression {
  return sequence(literal(first), characters(`[${second}]`));
}

function hex(length: number): Expression {
  return repeat(characters('[0-9a-f]'), length, length);
}
