import { choice, empty, maxRepetitions, nothing, repeat, sequence } from './gbnf.ts';
import type { Expression, Grammar } from './gbnf.ts';
import { characterSet, complement, namedSets } from './character-set.ts';
import type { CharacterRange } from './character-set.ts';
import type { JsonRules } from './json-rules.ts';

/**
 * The texts that a regular expression matches, as the inside of a JSON string. Undefined where it uses more than literals,
 * classes, groups, alternatives, quantifiers and outer anchors.
 */
export function patternGrammar(pattern: string, grammar: Grammar, rules: JsonRules): Expression | undefined {
  try {
    return new PatternReader(pattern, grammar, rules).read();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

class Unsupported extends Error {}

class PatternReader {
  readonly #characters: readonly string[];
  readonly #grammar: Grammar;
  readonly #rules: JsonRules;
  #position = 0;

  constructor(pattern: string, grammar: Grammar, rules: JsonRules) {
    this.#characters = Array.from(pattern);
    this.#grammar = grammar;
    this.#rules = rules;
  }

  read(): Expression {
    const branches = [this.#anchoredBranch()];
    while (this.#takes('|')) branches.push(this.#anchoredBranch());
    if (this.#position < this.#characters.length) throw new Unsupported();
    return choice(...branches);
  }

  /** A pattern is searched for in the text: without an anchor, anything may stand before or after. */
  #anchoredBranch(): Expression {
    const anything = repeat(this.#rules.character, 0);
    const before = this.#takes('^') ? empty : anything;
    const body = this.#branch();
    const after = this.#takes('$') ? empty : anything;
    return sequence(before, body, after);
  }

  #branch(): Expression {
    const items: Expression[] = [];
    for (;;) {
      const next = this.#characters[this.#position];
      if (next === undefined || next === '|' || next === ')' || next === '$') return sequence(...items);
      items.push(this.#quantified(this.#atom()));
    }
  }

  #atom(): Expression {
    const character = this.#next();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '.':
        return this.#set(complement(namedSets.lineEnds));
      case '\\':
        return this.#set(this.#escape());
      case '^':
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Unsupported();
      default:
        return this.#set([single(character)]);
    }
  }

  #group(): Expression {
    if (this.#takes('?') && !this.#takes(':')) throw new Unsupported();
    const branches = [this.#branch()];
    while (this.#takes('|')) branches.push(this.#branch());
    if (!this.#takes(')')) throw new Unsupported();
    return choice(...branches);
  }

  #class(): Expression {
    const negated = this.#takes('^');
    const ranges: CharacterRange[] = [];
    while (!this.#takes(']')) {
      const first = this.#takes('\\') ? this.#escape() : [single(this.#next())];
      const from = onlyOne(first);
      const dash = this.#characters[this.#position] === '-' && this.#characters[this.#position + 1] !== ']';
      if (from === undefined || !dash) {
        ranges.push(...first);
        continue;
      }
      this.#position++;
      const to = onlyOne(this.#takes('\\') ? this.#escape() : [single(this.#next())]);
      if (to === undefined) throw new Unsupported();
      ranges.push([from, to]);
    }
    return this.#set(negated ? complement(ranges) : ranges);
  }

  #escape(): readonly CharacterRange[] {
    const character = this.#next();
    switch (character) {
      case 'd':
        return namedSets.digits;
      case 'D':
        return complement(namedSets.digits);
      case 'w':
        return namedSets.wordCharacters;
      case 'W':
        return complement(namedSets.wordCharacters);
      case 's':
        return namedSets.spaces;
      case 'S':
        return complement(namedSets.spaces);
      case 'n':
        return [single('\n')];
      case 't':
        return [single('\t')];
      case 'r':
        return [single('\r')];
      case 'x':
        return [this.#hexadecimal(2)];
      case 'u':
        return [this.#hexadecimal(4)];
      default:
        if (/[\p{L}\p{N}]/u.test(character)) throw new Unsupported();
        return [single(character)];
    }
  }

  #hexadecimal(length: number): CharacterRange {
    const digits = this.#characters.slice(this.#position, this.#position + length).join('');
    if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length !== length) throw new Unsupported();
    this.#position += length;
    const code = Number.parseInt(digits, 16);
    return [code, code];
  }

  #quantified(item: Expression): Expression {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(
      this.#characters.slice(this.#position, this.#position + 16).join(''),
    );
    if (quantifier === null) return item;
    this.#position += quantifier[0].length;
    // Lazy and greedy match the same texts.
    this.#takes('?');
    const [min, max] = bounds(quantifier);
    if (min > maxRepetitions || (max ?? 0) > maxRepetitions || this.#grammar.canBeEmpty(item)) throw new Unsupported();
    const repeated = item.kind === 'terminal' || item.kind === 'rule' ? item : this.#grammar.add('pattern', item);
    return max !== undefined && max < min ? nothing : repeat(repeated, min, max);
  }

  #set(ranges: readonly CharacterRange[]): Expression {
    return characterSet(ranges, this.#rules.without);
  }

  #takes(character: string): boolean {
    if (this.#characters[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #next(): string {
    const character = this.#characters[this.#position];
    if (character === undefined) throw new Unsupported();
    this.#position++;
    return character;
  }
}

function bounds(quantifier: RegExpExecArray): readonly [min: number, max: number | undefined] {
  switch (quantifier[0]) {
    case '*':
      return [0, undefined];
    case '+':
      return [1, undefined];
    case '?':
      return [0, 1];
    default: {
      const min = Number(quantifier[1]);
      if (quantifier[2] === undefined) return [min, min];
      return [min, quantifier[3] === '' ? undefined : Number(quantifier[3])];
    }
  }
}

function single(character: string): CharacterRange {
  const code = character.codePointAt(0) ?? 0;
  return [code, code];
}

function onlyOne(ranges: readonly CharacterRange[]): number | undefined {
  const [range] = ranges;
  return range !== undefined && ranges.length === 1 && range[0] === range[1] ? range[0] : undefined;
}
