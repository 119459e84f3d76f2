/**
 * xoshiro128** 1.1 of Blackman and Vigna (public domain), seeded through splitmix32 as its authors advise. The same seed gives the
 * same numbers on every machine: only 32-bit integer arithmetic is used.
 */
export class SeededRandom {
  readonly #state: Uint32Array;

  /** Any integer; its low 32 bits count. */
  constructor(seed: number) {
    let mixed = seed >>> 0;
    this.#state = Uint32Array.from({ length: 4 }, () => {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = mixed ^ (mixed >>> 16);
      word = Math.imul(word, 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      return (word ^ (word >>> 15)) >>> 0;
    });
  }

  /** From 0 inclusive to 1 exclusive, in steps of 2^-32. */
  next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const third = c ^ a;
    const fourth = d ^ b;
    this.#state.set([a ^ fourth, b ^ third, third ^ (b << 9), rotated(fourth, 11)]);
    return result / 2 ** 32;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
