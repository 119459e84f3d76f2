/** What a host documents of a JSON value. What is not in it does not reach the host. */
export type Shape =
  /** Any value. */
  | 'any'
  /** An object with these fields and no others; other kinds of values are left to the host's own judgement. */
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Shape>> }
  | { readonly kind: 'list'; readonly of: Shape }
  /** Objects of several forms, told apart by one of their fields. */
  | { readonly kind: 'forms'; readonly by: string; readonly forms: Readonly<Record<string, Shape>> }
  /** A string; a list of text parts is joined to one. */
  | 'text';

export function object(fields: Readonly<Record<string, Shape>>): Shape {
  return { kind: 'object', fields };
}

export function list(of: Shape): Shape {
  return { kind: 'list', of };
}

export function forms(by: string, each: Readonly<Record<string, Shape>>): Shape {
  return { kind: 'forms', by, forms: each };
}

/** Fields whose values the host judges itself. */
export function any(...names: readonly string[]): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.map((name) => [name, 'any']));
}
