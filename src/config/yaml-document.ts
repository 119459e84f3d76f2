import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';

/** A YAML file that still knows where each value stands. */
export interface YamlDocument {
  readonly file: string;
  readonly value: JsonObject;
  /** Of the value at a path, or of the nearest thing around it. Lines and columns count from 1. */
  position(at: readonly string[]): { readonly line: number; readonly column: number };
  /** Why the text cannot be used, each with its place. */
  readonly problems: readonly string[];
}

export function readYaml(file: string, text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map((problem) => {
    const { line, column } = at(problem.pos[0]);
    return `${file}:${line}:${column} ${problem.message}`;
  });
  const value = problems.length > 0 ? {} : valueOf(document, (message) => problems.push(`${file}:1:1 ${message}`));
  if (!isJsonObject(value))
    problems.push(`${file}:1:1 the file must be a map of settings, such as "server:" with "port: 4400" below it`);
  return {
    file,
    value: isJsonObject(value) ? value : {},
    problems,
    position(keys) {
      for (let depth = keys.length; depth > 0; depth--) {
        const offset = offsetOf(document.contents, keys.slice(0, depth));
        if (offset !== undefined) return at(offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

/** The key of a map entry is where a reader looks, so its offset is taken rather than the value's. */
function offsetOf(contents: unknown, keys: readonly string[]): number | undefined {
  let node: unknown = contents;
  let offset: number | undefined;
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return undefined;
      offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
      node = pair.value;
    } else if (isNode(node) && 'items' in node && Array.isArray(node.items)) {
      node = node.items[Number(key)];
      offset = isNode(node) ? node.range?.[0] : undefined;
    } else return undefined;
  }
  return offset;
}

/** The plain value. An alias without its anchor, or one that would explode, is found only here. */
function valueOf(document: Document, problem: (message: string) => void): Json {
  try {
    const parsed: Json = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null));
    return parsed ?? {};
  } catch (error) {
    problem(error instanceof Error ? error.message : 'cannot be read');
    return {};
  }
}
