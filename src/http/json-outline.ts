/** A list in a JSON text; all are indexes of characters. */
export interface ListPlace {
  /** Behind the opening bracket. */
  readonly start: number;
  /** The closing bracket; absent where there is none. */
  readonly end?: number;
  /** All that is in it, cut between entries. */
  readonly slices: readonly ListSlice[];
}

export interface ListSlice {
  readonly start: number;
  /** The comma or the bracket behind it. */
  readonly end: number;
  /** Whether it is a single entry that is as long as a slice is to be. */
  readonly isOneEntry: boolean;
}

export interface OutlineOptions {
  readonly maxDepth: number;
  /** How long a slice of a list is to be at least. Absent: lists are not cut. */
  readonly sliceCharacters?: number;
}

/**
 * Where the brackets of a JSON text stand, found before anything is parsed: V8 parses millions of levels without complaint, and the first
 * recursive function after it would overflow the stack. Of a text that is no JSON it tells something that parsing finds out.
 */
export class JsonOutline {
  readonly #maxDepth: number;
  readonly #sliceCharacters: number;
  readonly #lists: OpenList[] = [];
  #tooDeepAt: number | undefined;
  #list: OpenList | undefined;
  #depth = 0;
  /** Characters that were read. */
  #read = 0;
  #isInString = false;
  #isEscaped = false;

  constructor({ maxDepth, sliceCharacters = Infinity }: OutlineOptions) {
    this.#maxDepth = maxDepth;
    this.#sliceCharacters = sliceCharacters;
  }

  /** Where arrays and objects first lie deeper inside each other than they may; what comes behind is not looked at. */
  get tooDeepAt(): number | undefined {
    return this.#tooDeepAt;
  }

  /** The lists that are fields of the outermost object, in their order. */
  get lists(): readonly ListPlace[] {
    return this.#lists;
  }

  /** Reads on in the text, which may be cut anywhere. */
  read(text: string): void {
    if (this.#tooDeepAt !== undefined) return;
    for (let at = this.#isInString ? this.#endOfString(text, 0) + 1 : 0; at < text.length; at++) {
      switch (text.charCodeAt(at)) {
        case quote:
          at = this.#endOfString(text, at + 1);
          break;
        case openBracket:
          if (this.#depth === 1) this.#openList(this.#read + at);
          if (!this.#goDown(this.#read + at)) return;
          break;
        case openBrace:
          if (!this.#goDown(this.#read + at)) return;
          break;
        case closeBracket:
        case closeBrace:
          this.#goUp(this.#read + at);
          break;
        case comma:
          if (this.#depth === 2 && this.#list !== undefined) this.#endEntry(this.#list, this.#read + at, false);
          break;
        default:
          break;
      }
    }
    this.#read += text.length;
  }

  #goDown(at: number): boolean {
    this.#depth++;
    if (this.#depth > this.#maxDepth) this.#tooDeepAt = at;
    return this.#tooDeepAt === undefined;
  }

  #goUp(at: number): void {
    if (this.#depth === 2 && this.#list !== undefined) {
      this.#list.end = at;
      this.#endEntry(this.#list, at, true);
      this.#list = undefined;
    }
    this.#depth--;
  }

  #openList(at: number): void {
    this.#list = { start: at + 1, slices: [], sliceStart: at + 1, entries: 0 };
    this.#lists.push(this.#list);
  }

  #endEntry(list: OpenList, at: number, isLast: boolean): void {
    list.entries++;
    const isLong = at - list.sliceStart >= this.#sliceCharacters;
    if (!isLong && !isLast) return;
    list.slices.push({ start: list.sliceStart, end: at, isOneEntry: isLong && list.entries === 1 });
    list.sliceStart = at + 1;
    list.entries = 0;
  }

  /** Index of the closing quote, or the text's length where there is none. */
  #endOfString(text: string, start: number): number {
    for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
      if (this.#isEscapedAt(text, end, start)) continue;
      this.#isInString = false;
      this.#isEscaped = false;
      return end;
    }
    this.#isEscaped = this.#isEscapedAt(text, text.length, start);
    this.#isInString = true;
    return text.length;
  }

  /** Whether an odd number of backslashes stands before it, those at the end of the text before included. */
  #isEscapedAt(text: string, at: number, start: number): boolean {
    let first = at;
    while (first > start && text.charCodeAt(first - 1) === backslash) first--;
    const isOdd = (at - first) % 2 === 1;
    return first === start && this.#isEscaped ? !isOdd : isOdd;
  }
}

interface OpenList {
  readonly start: number;
  readonly slices: ListSlice[];
  end?: number;
  sliceStart: number;
  /** Of the slice. */
  entries: number;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
