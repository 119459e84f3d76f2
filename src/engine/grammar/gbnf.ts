/** A grammar in the making: what llama.cpp's GBNF can say, as data. */
export type Expression =
  /** GBNF as it stands: a quoted literal or a character class. */
  | { readonly kind: 'terminal'; readonly text: string }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  /** No items: nothing matches. */
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  /** No `max`: without end. */
  | { readonly kind: 'repeat'; readonly item: Expression; readonly min: number; readonly max?: number };

/** llama.cpp v0.5.0 refuses more repetitions than this (MAX_REPETITION_THRESHOLD in src/llama-grammar.cpp). */
export const maxRepetitions = 2_000;

export const empty: Expression = { kind: 'sequence', items: [] };
export const nothing: Expression = { kind: 'choice', items: [] };

export function literal(text: string): Expression {
  return text === '' ? empty : { kind: 'terminal', text: `"${escaped(text)}"` };
}

/** A class as GBNF writes it, such as `[0-9]`. */
export function characters(gbnfClass: string): Expression {
  return { kind: 'terminal', text: gbnfClass };
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

export function sequence(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
  const [only] = flat;
  return only !== undefined && flat.length === 1 ? only : { kind: 'sequence', items: flat };
}

export function choice(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'choice' ? item.items : [item]));
  const [only] = flat;
  return only !== undefined && flat.length === 1 ? only : { kind: 'choice', items: flat };
}

export function repeat(item: Expression, min: number, max?: number): Expression {
  if (max === 0) return empty;
  if (min === 1 && max === 1) return item;
  return { kind: 'repeat', item, min, ...(max === undefined ? {} : { max }) };
}

export function optional(item: Expression): Expression {
  return repeat(item, 0, 1);
}

/** The rules of one grammar. */
export class Grammar {
  readonly #rules = new Map<string, Expression>();

  /** A name that no rule has yet. Rules may be named before they are defined, so that they can name each other. */
  reserve(hint: string): string {
    const plain = hint.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
    let name = plain;
    for (let number = 2; this.#rules.has(name); number++) name = `${plain}-${number}`;
    this.#rules.set(name, nothing);
    return name;
  }

  define(name: string, expression: Expression): void {
    this.#rules.set(name, expression);
  }

  /** Reserves and defines. */
  add(hint: string, expression: Expression): Expression {
    const name = this.reserve(hint);
    this.define(name, expression);
    return rule(name);
  }

  /**
   * The text, `root` first and only what it reaches. Branches that can never end are left out: a model that entered one would write
   * until its limit. Undefined where the root itself never ends.
   */
  print(root: Expression): string | undefined {
    const ending = this.#endingRules();
    const printer = new Printer(ending);
    if (!ends(root, ending)) return undefined;
    const lines = [`root ::= ${printer.print(root)}`];
    // Printing a rule names further ones; a set is walked in the order of insertion, those added on the way included.
    for (const name of printer.named) lines.push(`${name} ::= ${printer.print(this.#rules.get(name) ?? nothing)}`);
    return `${lines.join('\n')}\n`;
  }

  /** Whether the expression can be the empty text, which llama.cpp cannot repeat. */
  canBeEmpty(expression: Expression, within: ReadonlySet<string> = new Set()): boolean {
    switch (expression.kind) {
      case 'terminal':
        return false;
      case 'rule': {
        const body = this.#rules.get(expression.name);
        if (body === undefined || within.has(expression.name)) return false;
        return this.canBeEmpty(body, new Set([...within, expression.name]));
      }
      case 'sequence':
        return expression.items.every((item) => this.canBeEmpty(item, within));
      case 'choice':
        return expression.items.some((item) => this.canBeEmpty(item, within));
      case 'repeat':
        return expression.min === 0 || this.canBeEmpty(expression.item, within);
    }
  }

  /** Names of the rules from which some text of finite length follows: the least fixed point. */
  #endingRules(): ReadonlySet<string> {
    const ending = new Set<string>();
    for (let before = -1; before !== ending.size;) {
      before = ending.size;
      for (const [name, expression] of this.#rules) if (!ending.has(name) && ends(expression, ending)) ending.add(name);
    }
    return ending;
  }
}

function ends(expression: Expression, ending: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'terminal':
      return true;
    case 'rule':
      return ending.has(expression.name);
    case 'sequence':
      return expression.items.every((item) => ends(item, ending));
    case 'choice':
      return expression.items.some((item) => ends(item, ending));
    case 'repeat':
      return expression.min === 0 || ends(expression.item, ending);
  }
}

class Printer {
  readonly #ending: ReadonlySet<string>;
  /** The rules named so far. */
  readonly named = new Set<string>();

  constructor(ending: ReadonlySet<string>) {
    this.#ending = ending;
  }

  print(expression: Expression): string {
    switch (expression.kind) {
      case 'terminal':
        return expression.text;
      case 'rule':
        this.named.add(expression.name);
        return expression.name;
      case 'sequence':
        return expression.items.length === 0 ? '""' : expression.items.map((item) => this.print(item)).join(' ');
      case 'choice': {
        const branches = expression.items.filter((item) => ends(item, this.#ending)).map((item) => this.print(item));
        return branches.length === 1 ? branches.join('') : `( ${branches.join(' | ')} )`;
      }
      case 'repeat': {
        if (!ends(expression.item, this.#ending)) return '""';
        const { item, min, max } = expression;
        const body = item.kind === 'terminal' || item.kind === 'rule' ? this.print(item) : `( ${this.print(item)} )`;
        if (min === 0 && max === 1) return `${body}?`;
        return `${body}{${min},${max ?? ''}}`;
      }
    }
  }
}

function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters cannot stand in a literal
  return text.replaceAll(/["\\\u0000-\u001f\u007f]/g, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
