import type { Json } from '../model/json.ts';
import { secretPaths } from './schema.ts';
import type { LoadedConfig, ValueSource } from './load-config.ts';

/** One setting as `flashmux config explain` shows it. */
export interface ExplainedValue {
  readonly path: string;
  /** Secrets are shown as a length only. */
  readonly shown: string;
  readonly source: string;
}

/** Every setting in force, with where it came from. */
export function explainConfig(loaded: LoadedConfig): readonly ExplainedValue[] {
  const explained: ExplainedValue[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) walk(child, path === '' ? key : `${path}.${key}`);
      return;
    }
    if (value === undefined) return;
    explained.push({ path, shown: shown(path, value), source: sourceText(loaded.source(path)) });
  };
  walk(loaded.config, '');
  return explained;
}

function shown(path: string, value: unknown): string {
  if (secretPaths.some((pattern) => pattern.test(path))) return `(secret, ${String(value).length} characters)`;
  const json: Json = JSON.parse(JSON.stringify(value));
  return JSON.stringify(json);
}

/** Where a value was said, as a person finds the place. */
export function sourceText(source: ValueSource): string {
  switch (source.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${source.file}:${source.line}:${source.column}`;
    case 'environment':
      return `environment ${source.name}`;
    case 'flag':
      return `flag ${source.name}`;
  }
}
