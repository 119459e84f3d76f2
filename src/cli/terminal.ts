import type { Writable } from 'node:stream';

/** Where a command writes. Standard output is for results, standard error for everything a person reads along the way. */
export interface Terminal {
  readonly isInteractive: boolean;
  /** A line of the result. */
  out(line: string): void;
  /** Text of the result as it comes, no newline added. */
  write(text: string): void;
  /** Text of a thought as it comes, dim on a terminal. */
  think(text: string): void;
  /** A line for the person. */
  say(line: string): void;
  /** Replaces the last `status` on a terminal; elsewhere becomes a line at most every 5 seconds. */
  status(line: string): void;
  /** Ends a status. */
  done(): void;
}

export interface TerminalOptions {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly ticks: () => number;
}

const statusEveryMs = 5_000;

export function createTerminal({ stdout, stderr, ticks }: TerminalOptions): Terminal {
  const isInteractive = stderr.isTTY === true;
  let statusShown = false;
  let thinking = false;
  let lastStatusAt = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (statusShown) stderr.write('\r\u001B[K');
    statusShown = false;
  };
  return {
    isInteractive,
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    write(text) {
      stdout.write(text);
    },
    think(text) {
      stderr.write(isInteractive ? `\u001B[2m${text}\u001B[22m` : text);
      thinking = true;
    },
    say(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    status(line) {
      if (isInteractive) {
        stderr.write(`\r\u001B[K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
        statusShown = true;
        return;
      }
      if (ticks() - lastStatusAt < statusEveryMs) return;
      lastStatusAt = ticks();
      stderr.write(`${line}\n`);
    },
    done() {
      if (statusShown || thinking) stderr.write('\n');
      statusShown = false;
      thinking = false;
      lastStatusAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
