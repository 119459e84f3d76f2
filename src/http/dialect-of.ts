import type { Dialect, WireCall } from '../dialects/dialect.ts';
import { modelsPath } from './models-path.ts';

/**
 * The dialect of a path: the one with the longest prefix of it, or else the first. Models are told in the words of whoever asks, where its
 * headers say who that is.
 */
export function dialectOf(path: string, dialects: readonly [Dialect, ...Dialect[]], headers: WireCall['headers'] = {}): Dialect {
  const asker = isUnder(path, modelsPath) ? dialects.find(({ models }) => models?.isClient(headers)) : undefined;
  if (asker !== undefined) return asker;
  let best: Dialect | undefined;
  for (const dialect of dialects) {
    if (isUnder(path, dialect.prefix) && dialect.prefix.length > (best?.prefix.length ?? -1)) best = dialect;
  }
  return best ?? dialects[0];
}

function isUnder(path: string, prefix: string): boolean {
  const next = path.charAt(prefix.length);
  return path.startsWith(prefix) && (next === '' || next === '/');
}
