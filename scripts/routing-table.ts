import { readFileSync } from 'node:fs';
import path from 'node:path';
import { routingFigures, type MeasuredMonth } from '../tests/routing/routing-figures.ts';

/** The table of docs/routing.md, from the last run of `npm run test:routing`. */
export function routingTable(): string {
  const file = path.join(import.meta.dirname, '../tests/routing/figures.json');
  const { months } = routingFigures.parse(JSON.parse(readFileSync(file, 'utf8')));
  const rows = [...Map.groupBy(months, ({ sort }) => sort)].map(([sort, each]) => rowOf(sort, each));
  return [
    '| `sort` | requests | outages | failed | by another host | first token | longer than the best | longer than one host | price beside the cheapest |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

function rowOf(sort: string, months: readonly MeasuredMonth[]): readonly string[] {
  const range = (figure: (month: MeasuredMonth) => number, write: (value: number) => string): string => {
    const values = months.map(figure);
    const [least, most] = [write(Math.min(...values)), write(Math.max(...values))];
    return least === most ? least : `${least} to ${most}`;
  };
  const percent = (digits: number) => (share: number) => `${(share * 100).toFixed(digits)} %`;
  return [
    sort === 'none' ? 'no wish' : `\`${sort}\``,
    range(
      ({ requests }) => requests,
      (count) => count.toLocaleString('en'),
    ),
    range(({ outages }) => outages, String),
    range(({ failed }) => failed, percent(3)),
    range(({ rescued, requests }) => rescued / requests, percent(2)),
    range(
      ({ meanLatencyMs }) => meanLatencyMs,
      (ms) => `${Math.round(ms)} ms`,
    ),
    range(({ regretOfMoment }) => regretOfMoment, percent(1)),
    range(({ regretOfHost }) => regretOfHost, percent(0)),
    range(
      ({ meanPrice }) => meanPrice,
      (ratio) => ratio.toFixed(2),
    ),
  ];
}
