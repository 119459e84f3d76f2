import { knownHosts } from '../src/providers/known-hosts/known-hosts.ts';
import { quirksRows, type Quirks } from '../src/providers/quirks.ts';

/** The tables of docs/providers.md, from the data that the program itself uses. */
export function hostTables(): Readonly<Record<string, string>> {
  return { 'known-hosts': knownHostTable(), quirks: quirksTable() };
}

function knownHostTable(): string {
  const rows = knownHosts.map(({ name, title, keyVariable, regions, models }) => [
    `\`${name}\``,
    title,
    `\`${keyVariable}\``,
    regions
      .map(({ name: region, baseUrl }) => (regions.length === 1 ? `\`${baseUrl}\`` : `\`${region}\`: \`${baseUrl}\``))
      .join('<br>'),
    models
      .map(({ model, upstreamModel }) => (model === upstreamModel ? `\`${model}\`` : `\`${model}\` as \`${upstreamModel}\``))
      .join('<br>'),
  ]);
  return table(['preset', 'host', 'key in the environment', 'address', 'models'], rows);
}

function quirksTable(): string {
  const rows = Object.entries<Quirks>(quirksRows).map(([name, row]) => [
    `\`${name}\``,
    thinkingWord(row),
    row.limitFields === 'both' ? '`max_tokens`, `max_completion_tokens`' : `\`${row.limitFields}\``,
    marksWord(row),
    row.request === undefined ? 'yes' : 'dropped',
    row.seen,
  ]);
  return table(['row', 'thinking is said as', 'limits', 'cache marks', 'unknown fields reach it', 'seen'], rows);
}

function thinkingWord({ thinking }: Quirks): string {
  switch (thinking.kind) {
    case 'as-written':
      return 'it was said';
    case 'enable_thinking':
      return thinking.efforts.length === 0
        ? '`enable_thinking`, `thinking_budget`'
        : '`enable_thinking`, `thinking_budget` or `reasoning_effort`';
    case 'chat_template_kwargs':
      return '`chat_template_kwargs.enable_thinking`';
    case 'reasoning_effort':
      return '`reasoning_effort`';
    case 'reasoning':
      return '`reasoning {enabled, max_tokens or effort}`';
    case 'none':
      return 'nothing';
  }
}

function marksWord({ cacheMarks }: Quirks): string {
  switch (cacheMarks.kind) {
    case 'as-written':
      return 'as they are';
    case 'none':
      return 'none';
    case 'ephemeral':
      return `${cacheMarks.most}, for ${cacheMarks.lifetimes.join(' or ')}`;
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
