/** One promise of the program. */
export interface Requirement {
  readonly what: string;
  readonly source: string;
  readonly tests: readonly TestReference[];
  /** Why it does not hold yet; its test is marked as failing. */
  readonly failsBecause?: string;
}

export interface TestReference {
  readonly file: string;
  /** The title, or a part of it, as it is written there. */
  readonly title: string;
  /** A text in the table of the test. */
  readonly row?: string;
}

/** Names tests of one file. */
export function inFile(file: string): (title: string, row?: string) => TestReference {
  return (title, row) => ({ file, title, ...(row === undefined ? {} : { row }) });
}
