import { Visitor } from 'oxc-parser';
import type { Expression, Program, PropertyKey, TSType } from 'oxc-parser';

/** Which expressions of one file are bigints, as far as the file itself shows it. */
export interface Bigints {
  isBigint(expression: Expression): boolean;
}

/**
 * A name counts as a bigint where every declaration of it in the file says so: by its type (`bigint`, `NanoUsd`), or by a value that
 * is one. No types are resolved across files; what comes from another one is declared with its type, which a reader wants as well.
 */
export function findBigints(program: Program): Bigints {
  const bigint = new Set<string>();
  const other = new Set<string>();
  const declare = (name: string | undefined, isBigint: boolean): void => {
    if (name !== undefined) (isBigint ? bigint : other).add(name);
  };
  const isBigint = (expression: Expression): boolean =>
    isBigintExpression(expression, (name) => bigint.has(name) && !other.has(name));
  const typed = (name: string | undefined, type: TSType | undefined): void => {
    if (type !== undefined) declare(name, isBigintType(type));
  };
  new Visitor({
    Identifier: ({ name, typeAnnotation }) => typed(name, typeAnnotation?.typeAnnotation),
    TSPropertySignature: ({ key, typeAnnotation }) => typed(nameOf(key), typeAnnotation?.typeAnnotation),
    PropertyDefinition: ({ key, typeAnnotation }) => typed(nameOf(key), typeAnnotation?.typeAnnotation),
    VariableDeclarator({ id, init }) {
      if (id.type !== 'Identifier' || id.typeAnnotation || init === null) return;
      declare(id.name, isBigint(init));
    },
  }).visit(program);
  return { isBigint };
}

function isBigintType(type: TSType): boolean {
  if (type.type === 'TSBigIntKeyword') return true;
  return type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'NanoUsd';
}

/** Of bigints a comparison makes a boolean; these stay bigints, and the compiler refuses to mix them with numbers. */
const arithmetic = ['+', '-', '*', '/', '%', '**'];

function isBigintExpression(expression: Expression, isBigintName: (name: string) => boolean): boolean {
  const isBigint = (inner: Expression): boolean => isBigintExpression(inner, isBigintName);
  if (expression.type === 'Literal') return typeof expression.value === 'bigint';
  if (expression.type === 'Identifier') return isBigintName(expression.name);
  if (expression.type === 'ParenthesizedExpression') return isBigint(expression.expression);
  if (expression.type === 'UnaryExpression') return expression.operator === '-' && isBigint(expression.argument);
  if (expression.type === 'ConditionalExpression') return isBigint(expression.consequent) && isBigint(expression.alternate);
  if (expression.type === 'CallExpression') return expression.callee.type === 'Identifier' && expression.callee.name === 'BigInt';
  if (expression.type === 'MemberExpression') {
    const { computed, property } = expression;
    return !computed && property.type === 'Identifier' && isBigintName(property.name);
  }
  if (expression.type !== 'BinaryExpression' || expression.left.type === 'PrivateIdentifier') return false;
  return arithmetic.includes(expression.operator) && (isBigint(expression.left) || isBigint(expression.right));
}

function nameOf(key: PropertyKey): string | undefined {
  return key.type === 'Identifier' || key.type === 'PrivateIdentifier' ? key.name : undefined;
}
