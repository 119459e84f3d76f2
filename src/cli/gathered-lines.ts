/**
 * Lines of the log, those of one turn of the event loop in one write: under load a turn brings several, and each write is a call of the
 * system. A warning or an error is written at once, with what came before it, so that a process that dies of it has said so.
 */
export class GatheredLines {
  readonly #write: (text: string) => void;
  #waiting = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  write(line: string): void {
    if (this.#waiting === '') setImmediate(() => this.flush());
    this.#waiting += line;
    if (isUrgent.test(line)) this.flush();
  }

  /** For the end of the process, after which there is no turn. */
  flush(): void {
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#write(text);
  }
}

/** Pino's numbers: 30 is a piece of information, 40 a warning, 50 an error. */
const isUrgent = /^\{"level":[4-9]/;
