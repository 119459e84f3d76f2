import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

export interface TestFile {
  /** Titles of its tests and groups, with `%s` and `$name` as they are written. */
  readonly titles: readonly string[];
  /** Titles of tests that are expected to fail. */
  readonly failing: readonly string[];
  /** Every other text in it: the rows of its tables are among them. */
  readonly words: ReadonlySet<string>;
}

const callers: ReadonlySet<string> = new Set(['test', 'it', 'describe']);

/** Reads a test file without running it. Throws where there is none. */
export function readTestFile(path: string): TestFile {
  const titles: string[] = [];
  const failing: string[] = [];
  const words = new Set<string>();
  visit(parseSync(path, readFileSync(path, 'utf8')).program, (node) => {
    if (node['type'] === 'Literal' && typeof node['value'] === 'string') words.add(node['value']);
    if (node['type'] === 'Property' && isNode(node['key']) && typeof node['key']['name'] === 'string')
      words.add(node['key']['name']);
    if (node['type'] !== 'CallExpression') return;
    const names = namesOf(node['callee']);
    const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
    if (!callers.has(names[0] ?? '') || !isNode(first) || typeof first['value'] !== 'string') return;
    titles.push(first['value']);
    if (names.includes('fails')) failing.push(first['value']);
  });
  return { titles, failing, words };
}

interface Node {
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (isNode(value)) {
    see(value);
    for (const child of Object.values(value)) visit(child, see);
  }
}

/** `describe.each(table)` is `['describe', 'each']`. */
function namesOf(callee: unknown): readonly string[] {
  if (!isNode(callee)) return [];
  switch (callee['type']) {
    case 'Identifier':
      return [String(callee['name'])];
    case 'MemberExpression':
      return [...namesOf(callee['object']), ...namesOf(callee['property'])];
    case 'CallExpression':
      return namesOf(callee['callee']);
    default:
      return [];
  }
}
