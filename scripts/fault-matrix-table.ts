import { faultMatrix, type Outcome } from '../tests/faulty-hosts/fault-matrix.ts';

/** What becomes of a call whose only host fails, as tests/faulty-hosts tries it over real sockets. */
export function faultMatrixTable(): string {
  const rows = faultMatrix.map(({ what, stream, whole, billed, circuit }) =>
    [what, wordOf(stream), wordOf(whole), billed, circuit === 'closed' ? 'stays closed' : circuit].join(' | '),
  );
  const head = ['the host', 'a stream', 'a whole answer', 'a stream is billed', 'after three such calls the circuit'].join(' | ');
  return [head, '--- | --- | --- | --- | ---', ...rows].map((line) => `| ${line} |`).join('\n');
}

function wordOf(outcome: Outcome): string {
  if (outcome === 'broken') return 'what was said, then the fault';
  return typeof outcome === 'number' ? String(outcome) : outcome;
}
