export interface JsonFault {
  /** Index of the first character that cannot stand there; the text's length where it ends too early. */
  readonly position: number;
  readonly what: string;
}

/**
 * The first mistake of a text that JSON.parse refused; undefined where this grammar finds none. Recursive: check the depth first.
 */
export function firstJsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.document();
    return undefined;
  } catch (error) {
    if (error instanceof Mistake) return { position: error.position, what: error.what };
    throw error;
  }
}

class Mistake extends Error {
  readonly position: number;
  readonly what: string;

  constructor(position: number, what: string) {
    super(what);
    this.position = position;
    this.what = what;
  }
}

/** Walks the grammar of RFC 8259 without building anything. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#skipSpace();
    this.#value();
    if (this.#at < this.#text.length) this.#fail('the end of the body');
  }

  #value(): void {
    const first = this.#text.charAt(this.#at);
    if (first === '{') this.#list('}', () => this.#member());
    else if (first === '[') this.#list(']', () => this.#value());
    else if (first === '"') this.#string();
    else if (first === 't') this.#word('true');
    else if (first === 'f') this.#word('false');
    else if (first === 'n') this.#word('null');
    else this.#number();
    this.#skipSpace();
  }

  #list(end: '}' | ']', item: () => void): void {
    this.#at++;
    this.#skipSpace();
    if (this.#text.charAt(this.#at) === end) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      const next = this.#text.charAt(this.#at);
      if (next !== end && next !== ',') this.#fail(`"," or "${end}"`);
      this.#at++;
      if (next === end) return;
      this.#skipSpace();
    }
  }

  #member(): void {
    if (this.#text.charAt(this.#at) !== '"') this.#fail('a name in double quotes');
    this.#string();
    this.#skipSpace();
    if (this.#text.charAt(this.#at) !== ':') this.#fail('":"');
    this.#at++;
    this.#skipSpace();
    this.#value();
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === '') this.#fail('the closing quote of a string');
      if (character < ' ') this.#fail('an escaped character in place of a control character');
      this.#at++;
      if (character === '"') return;
      if (character === '\\') this.#escape();
    }
  }

  #escape(): void {
    const escape = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
    escape.lastIndex = this.#at;
    if (!escape.test(this.#text)) this.#fail('an escape that JSON knows');
    this.#at = escape.lastIndex;
  }

  #word(word: string): void {
    for (const letter of word) {
      if (this.#text.charAt(this.#at) !== letter) this.#fail(word);
      this.#at++;
    }
  }

  #number(): void {
    if (this.#text.charAt(this.#at) === '-') this.#at++;
    if (this.#text.charAt(this.#at) === '0') this.#at++;
    else this.#digits('a value');
    if (this.#text.charAt(this.#at) === '.') {
      this.#at++;
      this.#digits('a digit');
    }
    if (/[eE]/.test(this.#text.charAt(this.#at))) {
      this.#at++;
      if (/[+-]/.test(this.#text.charAt(this.#at))) this.#at++;
      this.#digits('a digit');
    }
  }

  #digits(expected: string): void {
    if (!isDigit(this.#text.charAt(this.#at))) this.#fail(expected);
    while (isDigit(this.#text.charAt(this.#at))) this.#at++;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charAt(this.#at))) this.#at++;
  }

  #fail(expected: string): never {
    const found = this.#text.codePointAt(this.#at);
    const seen = found === undefined ? 'it ends' : `it has ${JSON.stringify(String.fromCodePoint(found))}`;
    throw new Mistake(this.#at, `${seen} where ${expected} should be`);
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}
