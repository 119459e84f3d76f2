import type { Json } from '../../model/json.ts';
import { characters, choice, literal, optional, repeat, rule, sequence } from './gbnf.ts';
import type { Expression, Grammar } from './gbnf.ts';

/**
 * The rules that every JSON grammar shares. White space is bounded, or a weak model would fill its limit with it; it may still
 * indent. Names are taken when a rule is first asked for; the grammar prints only what is used.
 */
export class JsonRules {
  readonly space: Expression;
  /** One character of a string as JSON writes it. No escape makes half a surrogate pair. */
  readonly character: Expression;
  /** The characters that cannot stand in a string as they are, as a GBNF class lists them. */
  readonly special: string;
  /** ASCII characters that strings hold only escaped, beyond those that JSON itself escapes. */
  readonly without: readonly string[];
  readonly string: Expression;
  readonly integer: Expression;
  readonly number: Expression;
  readonly numberFromZero: Expression;
  readonly boolean: Expression;
  readonly null: Expression;
  readonly object: Expression;
  readonly array: Expression;
  readonly value: Expression;

  /** `without`: such as `<` where a tag would end the value. */
  constructor(grammar: Grammar, without: readonly string[] = []) {
    this.without = without;
    this.space = grammar.add('space', optional(choice(literal(' '), sequence(literal('\n'), repeat(literal(' '), 0, 20)))));
    this.special = `"\\\\${without.join('')}\\x00-\\x1f\\x7f`;
    const hex = '[0-9a-fA-F]';
    const fourDigits = choice(
      sequence(characters('[0-9a-cA-CefEF]'), repeat(characters(hex), 3, 3)),
      sequence(characters('[dD]'), characters('[0-7]'), repeat(characters(hex), 2, 2)),
    );
    const escape = sequence(literal('\\'), choice(characters('["\\\\/bfnrt]'), sequence(literal('u'), fourDigits)));
    this.character = grammar.add('character', choice(characters(`[^${this.special}]`), escape));
    this.string = grammar.add('string', sequence(literal('"'), repeat(this.character, 0), literal('"')));
    // Sixteen digits are what a double holds; more would come back as another number.
    const whole = choice(literal('0'), sequence(characters('[1-9]'), repeat(characters('[0-9]'), 0, 15)));
    this.integer = grammar.add('integer', sequence(optional(literal('-')), whole));
    const fraction = optional(sequence(literal('.'), repeat(characters('[0-9]'), 1, 16)));
    const exponent = optional(sequence(characters('[eE]'), optional(characters('[-+]')), repeat(characters('[0-9]'), 1, 2)));
    this.numberFromZero = grammar.add('number-from-zero', sequence(whole, fraction, exponent));
    this.number = grammar.add('number', sequence(optional(literal('-')), this.numberFromZero));
    this.boolean = grammar.add('boolean', choice(literal('true'), literal('false')));
    this.null = grammar.add('null', literal('null'));
    const value = grammar.reserve('value');
    this.value = rule(value);
    this.object = grammar.add('object', this.objectOf(this.entry(this.string, this.value)));
    this.array = grammar.add('array', this.listOf('[', this.value, ']'));
    grammar.define(value, choice(this.object, this.array, this.string, this.number, this.boolean, this.null));
  }

  /** One value, written without white space. */
  json(value: Json): Expression {
    const text = this.without.reduce(
      (json, character) => json.replaceAll(character, unicodeEscape(character)),
      JSON.stringify(value),
    );
    return literal(text);
  }

  entry(key: Expression, value: Expression): Expression {
    return sequence(key, literal(':'), this.space, value);
  }

  objectOf(entry: Expression): Expression {
    return this.listOf('{', entry, '}');
  }

  /** Brackets around any number of items with commas between them. */
  listOf(open: string, item: Expression, close: string): Expression {
    return this.bracketed(open, optional(sequence(item, repeat(this.next(item), 0))), close);
  }

  bracketed(open: string, content: Expression, close: string): Expression {
    return sequence(literal(open), this.space, content, this.space, literal(close));
  }

  /** One more item of a list. */
  next(item: Expression): Expression {
    return sequence(literal(','), this.space, item);
  }
}

/** The escape that any character may be written as. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
