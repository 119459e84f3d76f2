import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'node:fs/promises';
import { parseSync } from 'oxc-parser';
import { doors, layers, type Layer } from './layers.ts';

/** One border crossed: file, line and what was wrong. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const layersByName = new Map(layers.map((layer) => [layer.name, layer]));

/** Checks one source file of src/. `file` is its path from the root of the project, with forward slashes. */
export function checkFile(file: string, source: string): readonly Violation[] {
  const layer = layerOf(file);
  if (layer === undefined) return [{ file, line: 1, message: 'stands in no layer; scripts/layers.ts lists them' }];
  const parsed = parseSync(file, source);
  const violations: Violation[] = [];
  const report = (offset: number, message: string): void => {
    violations.push({ file, line: source.slice(0, offset).split('\n').length, message });
  };
  const imports = [...parsed.module.staticImports, ...parsed.module.staticExports.flatMap((statement) => statement.entries)];
  for (const entry of imports) {
    const request = 'moduleRequest' in entry ? entry.moduleRequest : undefined;
    if (request) checkImport(file, layer, request.value, request.start, report);
  }
  for (const dynamic of parsed.module.dynamicImports) {
    const text = source.slice(dynamic.moduleRequest.start, dynamic.moduleRequest.end);
    const literal = /^['"`]([^'"`$]+)['"`]$/.exec(text)?.[1];
    if (literal !== undefined) checkImport(file, layer, literal, dynamic.moduleRequest.start, report);
  }
  checkGlobals(layer, parsed.program, report);
  return violations;
}

type Report = (offset: number, message: string) => void;

function layerOf(file: string): Layer | undefined {
  const name = /^src\/([^/]+)\//.exec(file)?.[1];
  return name === undefined ? undefined : layersByName.get(name);
}

function checkImport(file: string, layer: Layer, specifier: string, offset: number, report: Report): void {
  if (specifier.startsWith('.')) {
    const target = layerOf(path.posix.join(path.posix.dirname(file), specifier));
    if (target === undefined) report(offset, `imports ${specifier}, which lies outside the layers`);
    else if (target !== layer && layer.mayImport !== 'all' && !layer.mayImport.includes(target.name)) {
      report(
        offset,
        `${layer.name} may not import ${target.name} (${specifier}); it may import: ${layer.mayImport.join(', ') || 'nothing'}`,
      );
    }
    return;
  }
  for (const door of doors) {
    if (door.modules.includes(specifier) && !door.layers.includes(layer.name)) {
      report(offset, `${layer.name} may not import ${specifier}: ${door.what} only in ${door.layers.join(', ')}`);
    }
  }
}

function checkGlobals(layer: Layer, program: unknown, report: Report): void {
  walk(program, (node) => {
    const name = globalName(node);
    if (name === undefined) return;
    for (const door of doors) {
      if (door.globals.includes(name) && !door.layers.includes(layer.name)) {
        report(start(node), `${layer.name} may not use ${name}: ${door.what} only in ${door.layers.join(', ')}`);
      }
    }
  });
}

/** `process.env` for that member expression, `fetch` for a call of it. */
function globalName(node: Node): string | undefined {
  if (node['type'] === 'MemberExpression') {
    const object = identifier(node['object']);
    const property = identifier(node['property']);
    return object === undefined || property === undefined ? undefined : `${object}.${property}`;
  }
  return node['type'] === 'CallExpression' ? identifier(node['callee']) : undefined;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function identifier(value: unknown): string | undefined {
  return isNode(value) && value['type'] === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined;
}

function start(node: Node): number {
  return typeof node['start'] === 'number' ? node['start'] : 0;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (isNode(value)) {
    if (typeof value['type'] === 'string') visit(value);
    for (const child of Object.values(value)) if (typeof child === 'object') walk(child, visit);
  }
}

/** Every source file of the program, tests and what supports them left out: they may reach across layers. */
export async function checkAll(root: string): Promise<{ readonly files: number; readonly violations: readonly Violation[] }> {
  const violations: Violation[] = [];
  let files = 0;
  for await (const file of glob('src/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts') || file.endsWith('.test-support.ts')) continue;
    files++;
    violations.push(...checkFile(file.replaceAll(path.sep, '/'), await readFile(path.join(root, file), 'utf8')));
  }
  return { files, violations };
}

if (import.meta.main) {
  const { files, violations } = await checkAll(path.join(import.meta.dirname, '..'));
  for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`);
  // A check that saw nothing is a broken check, not a clean tree.
  if (files === 0) console.error('no source files found');
  console.log(`layers: ${files} files, ${violations.length} borders crossed`);
  process.exitCode = violations.length === 0 && files > 0 ? 0 : 1;
}
