import { readFileSync } from 'node:fs';
import path from 'node:path';
import { faults } from '../tests/faults/support/faults.ts';
import { figuresText, readFigures, type FaultRow } from '../tests/faults/support/figures-file.ts';

/** The parts of docs/reliability.md that come from the last full run of `npm run test:faults`. */
export function faultTables(): Readonly<Record<'machine' | 'faults' | 'figures', string>> {
  const file = path.join(import.meta.dirname, '../tests/faults/figures.json');
  const { machine, measured, rows } = readFigures(readFileSync(file, 'utf8'));
  const rowsOf = (number: number): readonly FaultRow[] => rows.filter(({ fault }) => fault === number);
  return {
    machine: [
      `Measured ${measured} on ${machine.processors}, ${machine.memory}, ${machine.system};`,
      `Node ${machine.node}, SQLite ${machine.sqlite}, PostgreSQL ${machine.postgres}.`,
    ].join('\n'),
    faults: [
      '| # | fault | what must hold | outcome |',
      '| --- | --- | --- | --- |',
      ...faults.map(({ number, fault, target }) => `| ${number} | ${fault} | ${target} | ${outcomeOf(rowsOf(number))} |`),
    ].join('\n'),
    figures: faults.map(({ number, fault }) => `**${number}. ${fault}**\n\n${figuresOf(rowsOf(number))}`).join('\n\n'),
  };
}

function outcomeOf(rows: readonly FaultRow[]): string {
  if (rows.length === 0) return 'not measured';
  if (rows.some(({ state }) => state === 'failed')) return '**failed**';
  return rows.some(({ state }) => state === 'skipped') ? 'held, in part skipped' : 'held';
}

function figuresOf(rows: readonly FaultRow[]): string {
  return rows
    .map(({ test, state, reason, seconds, figures }) => {
      if (state === 'skipped') return `- ${test}: skipped, ${reason ?? 'without a reason'}`;
      const counted = figuresText(figures);
      return `- ${test}: ${state}, ${seconds} s${counted === '' ? '' : `. ${counted}`}`;
    })
    .join('\n');
}
