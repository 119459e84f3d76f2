/** Answers that are read to their end although nobody waits for them, because their host bills them whole in any case. */
export class Drains {
  #running = 0;

  /** False where too many run already: the host is then told to stop, and what it said so far is what is billed. */
  enter(): boolean {
    if (this.#running >= mostDrains) return false;
    this.#running++;
    return true;
  }

  leave(): void {
    this.#running--;
  }
}

/** Each holds a connection and what arrives on it, for a minute at most. */
const mostDrains = 256;
