/** Bytes as they came, one chunk after the other: putting them together would need the memory a second time. */
export class ByteChunks {
  readonly list: readonly Buffer[];
  readonly length: number;
  /** Where each chunk begins. */
  readonly #starts: readonly number[];

  constructor(chunks: readonly Buffer[]) {
    this.length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    // Somebody who sends a byte at a time must not have each looked at by itself.
    this.list = chunks.length > 1 + this.length / fewestBytes ? [Buffer.concat(chunks)] : chunks;
    let end = 0;
    this.#starts = this.list.map((chunk) => (end += chunk.length) - chunk.length);
  }

  /** From one place to before another; copied only where several chunks have a part of them. */
  between(start: number, end: number): Buffer {
    const first = this.#chunkAt(start);
    const last = this.#chunkAt(end - 1);
    const parts = this.list.slice(first, last + 1).map((chunk, index) => {
      const chunkStart = this.#starts[first + index] ?? 0;
      return chunk.subarray(Math.max(0, start - chunkStart), end - chunkStart);
    });
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
  }

  all(): Buffer {
    return this.between(0, this.length);
  }

  /** The chunk that has this byte; the first for a byte before all. */
  #chunkAt(place: number): number {
    let [low, high] = [0, this.list.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Of a chunk, on average. */
const fewestBytes = 1_024;
