/** The path of a route as OpenAPI writes it. It has no word for a parameter that takes several segments. */
export function pathTemplate(path: string): string {
  return path.replace('+}', '}');
}

/** The names of its parameters. */
export function pathParameters(path: string): readonly string[] {
  return [...pathTemplate(path).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}
