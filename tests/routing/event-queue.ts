interface Due {
  readonly at: number;
  readonly number: number;
  readonly happen: () => void;
}

/** What happens when, in the order of its time and, at the same time, of its coming: a clock without a wall. */
export class EventQueue {
  readonly #heap: Due[] = [];
  #now = 0;
  #scheduled = 0;

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  after(milliseconds: number, happen: () => void): void {
    this.#scheduled += 1;
    this.#heap.push({ at: this.#now + milliseconds, number: this.#scheduled, happen });
    let place = this.#heap.length - 1;
    while (place > 0 && this.#swapped((place - 1) >> 1, place)) place = (place - 1) >> 1;
  }

  /** Lets everything happen until nothing is left. */
  run(): void {
    for (let first = this.#take(); first !== undefined; first = this.#take()) {
      this.#now = first.at;
      first.happen();
    }
  }

  #take(): Due | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#heap[0] = last;
    for (let place = 0; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const next = this.#isBefore(right, left) ? right : left;
      if (!this.#swapped(place, next)) return first;
      place = next;
    }
  }

  /** Puts the earlier of two into the upper place; false where it is there already. */
  #swapped(upper: number, lower: number): boolean {
    const [above, below] = [this.#heap[upper], this.#heap[lower]];
    if (above === undefined || below === undefined || !this.#isBefore(lower, upper)) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }

  #isBefore(one: number, other: number): boolean {
    const [first, second] = [this.#heap[one], this.#heap[other]];
    if (first === undefined) return false;
    return second === undefined || first.at < second.at || (first.at === second.at && first.number < second.number);
  }
}
