import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import type { Expression, Node, Program, PropertyKey, TSType, TSTypeAnnotation } from 'oxc-parser';
import { findBigints, type Bigints } from './find-bigints.ts';
import { saysMoney } from './money-names.ts';

/**
 * Money is whole nano-dollars and prices are text, so nothing on their way may be a floating-point number. In these files every
 * place that makes one is refused. A real count says so, in the line or the one above it: `// money: counts tokens`.
 */
const moneyPath = [
  'src/metering/**/*.ts',
  'src/ledger/**/*.ts',
  'src/store/sql/**/*.ts',
  'src/model/money.ts',
  'src/catalogue/{build-price-list,decimal,mark-up,price-book,price-file,read-price-file,share,token-prices}.ts',
  'src/exchange/{settling,tally,worst-case}.ts',
  'src/routing/choose/exact-price.ts',
];

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Checks one source file. `file` is its path from the root of the project, with forward slashes. */
export function checkFile(file: string, source: string): readonly Violation[] {
  const { program, comments, errors } = parseSync(file, source);
  const [syntaxError] = errors;
  if (syntaxError !== undefined) return [{ file, line: 1, message: `cannot be read: ${syntaxError.message}` }];
  const lineOf = (offset: number): number => source.slice(0, offset).split('\n').length;

  const exceptions = new Map<number, { readonly reason: string; used: boolean }>();
  for (const { value, start } of comments) {
    const reason = /^\s*money:(.*)$/s.exec(value)?.[1]?.trim();
    if (reason !== undefined) exceptions.set(lineOf(start), { reason, used: false });
  }
  const violations: Violation[] = [];
  findFloats(program, (offset, message) => {
    const line = lineOf(offset);
    const exception = exceptions.get(line) ?? exceptions.get(line - 1);
    if (exception === undefined) violations.push({ file, line, message });
    else exception.used = true;
  });
  for (const [line, { reason, used }] of exceptions) {
    if (reason === '') violations.push({ file, line, message: 'is an exception without a reason; say what is counted' });
    if (!used) violations.push({ file, line, message: 'is an exception that nothing needs; remove it' });
  }
  return violations.toSorted((a, b) => a.line - b.line);
}

type Report = (offset: number, message: string) => void;

function findFloats(program: Program, report: Report): void {
  const bigints = findBigints(program);
  new Visitor({
    Literal({ value, start }) {
      if (typeof value === 'number' && !Number.isInteger(value)) report(start, `${value} is no whole number`);
    },
    BinaryExpression({ operator, left, right, start }) {
      if (operator === '/' || operator === '**') checkFraction(bigints, operator, [left, right], start, report);
    },
    AssignmentExpression({ operator, left, right, start }) {
      if (operator !== '/=' && operator !== '**=') return;
      checkFraction(bigints, operator, left.type === 'Identifier' ? [left, right] : [right], start, report);
    },
    UnaryExpression({ operator, start }) {
      if (operator === '+') report(start, 'unary plus makes a floating-point number; use BigInt');
    },
    CallExpression({ callee, arguments: passed, start }) {
      for (const each of [callee, ...passed])
        if (each.type === 'Identifier' && makers.includes(each.name))
          report(start, `${each.name}() makes a floating-point number`);
    },
    MemberExpression({ object, property, start }) {
      const name = property.type === 'Identifier' ? property.name : '';
      if (object.type === 'Identifier' && object.name === 'Math') report(start, `Math.${name} computes in floating point`);
      if (object.type === 'Identifier' && object.name === 'Number' && name.startsWith('parse'))
        report(start, `Number.${name} makes a floating-point number`);
      if (['toFixed', 'toPrecision', 'toExponential'].includes(name)) report(start, `${name} rounds a floating-point number`);
    },
    ...declarations(report),
  }).visit(program);
}

/** Called, or passed to be called, as in `texts.map(Number)`. */
const makers = ['Number', 'parseFloat', 'parseInt'];

/** Both operators make a fraction of whole numbers: 1 / 3, 10 ** -9. */
function checkFraction(bigints: Bigints, operator: string, sides: readonly Expression[], start: number, report: Report): void {
  // The compiler refuses to mix a bigint with a number, so one side that is a bigint makes the other one.
  if (sides.some((side) => bigints.isBigint(side))) return;
  report(start, `${operator} of what this file does not show to be bigints`);
}

/** Everything that gives a name a type: what is called money must not be a number. */
function declarations(report: Report): ConstructorParameters<typeof Visitor>[0] {
  const check = (name: string | undefined, type: TSTypeAnnotation | null | undefined, start: number): void => {
    if (name === undefined || !saysMoney(name) || !holdsNumber(type?.typeAnnotation)) return;
    report(start, `${name} is money by its name and a number by its type; money is bigint nano-dollars`);
  };
  return {
    Identifier: ({ name, typeAnnotation, start }) => check(name, typeAnnotation, start),
    Property({ key, value, start }) {
      const name = nameOf(key);
      if (name !== undefined && saysMoney(name) && readsNumber(value))
        report(start, `${name} is money by its name and read as a number`);
    },
    TSPropertySignature: ({ key, typeAnnotation, start }) => check(nameOf(key), typeAnnotation, start),
    TSMethodSignature: ({ key, returnType, start }) => check(nameOf(key), returnType, start),
    PropertyDefinition: ({ key, typeAnnotation, start }) => check(nameOf(key), typeAnnotation, start),
    MethodDefinition: ({ key, value, start }) => check(nameOf(key), value.returnType, start),
    FunctionDeclaration: ({ id, returnType, start }) => check(id?.name, returnType, start),
    TSTypeAliasDeclaration({ id, typeAnnotation, start }) {
      if (saysMoney(id.name) && holdsNumber(typeAnnotation))
        report(start, `${id.name} is money by its name and a number by its type`);
    },
    VariableDeclarator({ id, init, start }) {
      if (id.type !== 'Identifier') return;
      if (init?.type === 'ArrowFunctionExpression') check(id.name, init.returnType, start);
      if (init?.type === 'Literal' && typeof init.value === 'number' && saysMoney(id.name))
        report(start, `${id.name} is money by its name and a number by its value; write ${init.value}n`);
    },
  };
}

function nameOf(key: PropertyKey): string | undefined {
  if (key.type === 'Identifier' || key.type === 'PrivateIdentifier') return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** A schema that reads a number, whatever is asked of it then: `z.number().min(0)`. */
function readsNumber(schema: Node): boolean {
  if (schema.type !== 'CallExpression' || schema.callee.type !== 'MemberExpression') return false;
  const { object, property } = schema.callee;
  if (object.type !== 'Identifier') return readsNumber(object);
  return object.name === 'z' && property.type === 'Identifier' && ['int', 'number'].includes(property.name);
}

/** `number` itself, or as what a list, a promise or a choice holds. */
function holdsNumber(type: TSType | undefined): boolean {
  if (type === undefined) return false;
  if (type.type === 'TSNumberKeyword') return true;
  if (type.type === 'TSUnionType') return type.types.some((each) => holdsNumber(each));
  if (type.type === 'TSArrayType') return holdsNumber(type.elementType);
  if (type.type === 'TSTypeOperator') return holdsNumber(type.typeAnnotation);
  return type.type === 'TSTypeReference' && (type.typeArguments?.params.some((each) => holdsNumber(each)) ?? false);
}

/** Every file of the money path; tests and what supports them may compute as they like. */
export async function checkAll(root: string): Promise<{ readonly files: number; readonly violations: readonly Violation[] }> {
  const violations: Violation[] = [];
  let files = 0;
  for await (const file of glob(moneyPath, { cwd: root })) {
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
  console.log(`money: ${files} files, ${violations.length} places where it could become a floating-point number`);
  process.exitCode = violations.length === 0 && files > 0 ? 0 : 1;
}
