import { characters, choice, empty, literal, repeat, rule, sequence } from './gbnf.ts';
import type { Expression, Grammar } from './gbnf.ts';

/**
 * Any text in which none of the given texts occurs: the automaton of Aho and Corasick as right-recursive rules, one for each
 * beginning of a forbidden text.
 */
export function textWithout(grammar: Grammar, forbidden: readonly string[]): Expression {
  const beginnings = new Set(forbidden.flatMap((text) => Array.from(text, (_, length) => text.slice(0, length))));
  const alphabet = [...new Set(forbidden.join(''))];
  const names = new Map([...beginnings].map((beginning) => [beginning, grammar.reserve('text-without')]));
  const start = rule(names.get('') ?? grammar.reserve('text-without'));
  for (const [beginning, name] of names) {
    // Most letters lead back to the start; only the others need a branch of their own.
    const special = alphabet.filter((character) => step(beginning + character, forbidden, beginnings) !== '');
    const branches = special.flatMap((character) => {
      const next = names.get(step(beginning + character, forbidden, beginnings) ?? noBeginning);
      return next === undefined ? [] : [sequence(literal(character), rule(next))];
    });
    const others = sequence(characters(`[^${special.map(inClass).join('')}]`), start);
    grammar.define(name, choice(others, ...branches, empty));
  }
  return start;
}

/** Stands for the end of a forbidden text, where no rule leads. */
const noBeginning = '\u0000';

/** The longest end of the text that begins a forbidden one; undefined where it ends with a whole one. */
function step(text: string, forbidden: readonly string[], beginnings: ReadonlySet<string>): string | undefined {
  if (forbidden.some((whole) => text.endsWith(whole))) return undefined;
  for (let start = 0; start < text.length; start++) if (beginnings.has(text.slice(start))) return text.slice(start);
  return '';
}

/** A key of a JSON object, in quotes and without escapes, that is none of the given names. `special`: see JsonRules. */
export function otherKey(grammar: Grammar, special: string, names: readonly string[]): Expression {
  const written = names.map((name) => JSON.stringify(name).slice(1, -1)).filter((name) => !name.includes('\\'));
  return sequence(literal('"'), otherThan(grammar, special, written), literal('"'));
}

/** Follows the names letter by letter: another letter frees the rest, and the text may end where no name does. */
function otherThan(grammar: Grammar, special: string, names: readonly string[]): Expression {
  const any = repeat(characters(`[^${special}]`), 0);
  if (names.length === 0) return any;
  const next = new Map<string, string[]>();
  for (const name of names) {
    const [first] = name;
    if (first !== undefined) next.set(first, [...(next.get(first) ?? []), name.slice(first.length)]);
  }
  const branches = [...next].map(([first, rest]) => sequence(literal(first), otherThan(grammar, special, rest)));
  const others = characters(`[^${special}${[...next.keys()].map(inClass).join('')}]`);
  branches.push(sequence(others, any));
  if (!names.includes('')) branches.push(empty);
  return grammar.add('other-key', choice(...branches));
}

function inClass(character: string): string {
  if (character === '\n') return '\\n';
  return /[\][\\^-]/.test(character) ? (character === '^' ? '\\x5e' : `\\${character}`) : character;
}
