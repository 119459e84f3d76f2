/** What a GGUF file (version 3, little endian) holds: keys, then a table of tensors, then their data. */
export interface GgufContent {
  readonly keys: readonly (readonly [name: string, value: GgufValue])[];
  readonly tensors: readonly GgufTensor[];
}

export type GgufValue =
  | { readonly kind: 'u32'; readonly value: number }
  | { readonly kind: 'f32'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly values: readonly string[] }
  | { readonly kind: 'i32s'; readonly values: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Fastest dimension first; for Q8_0 the first is a multiple of 32. */
  readonly shape: readonly number[];
  readonly type: 'F32' | 'Q8_0';
  readonly values: Float32Array;
}

const alignmentBytes = 32;
const valuesPerBlock = 32;
const keyTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorTypes = { F32: 0, Q8_0: 8 } as const;

export function encodeGguf(content: GgufContent): Uint8Array {
  const bytes = new ByteWriter();
  bytes.ascii('GGUF');
  bytes.u32(3);
  bytes.u64(content.tensors.length);
  bytes.u64(content.keys.length);
  for (const [name, value] of content.keys) {
    bytes.string(name);
    writeValue(bytes, value);
  }
  const encoded = content.tensors.map((tensor) => encodeTensor(tensor));
  let offset = 0;
  for (const [index, tensor] of content.tensors.entries()) {
    bytes.string(tensor.name);
    bytes.u32(tensor.shape.length);
    for (const size of tensor.shape) bytes.u64(size);
    bytes.u32(tensorTypes[tensor.type]);
    bytes.u64(offset);
    offset += aligned(encoded[index]?.length ?? 0);
  }
  bytes.align();
  for (const data of encoded) {
    bytes.raw(data);
    bytes.align();
  }
  return bytes.done();
}

function writeValue(bytes: ByteWriter, value: GgufValue): void {
  switch (value.kind) {
    case 'u32':
      bytes.u32(keyTypes.u32);
      bytes.u32(value.value);
      return;
    case 'f32':
      bytes.u32(keyTypes.f32);
      bytes.f32(value.value);
      return;
    case 'bool':
      bytes.u32(keyTypes.bool);
      bytes.raw(Uint8Array.of(value.value ? 1 : 0));
      return;
    case 'string':
      bytes.u32(keyTypes.string);
      bytes.string(value.value);
      return;
    case 'strings':
      bytes.u32(keyTypes.array);
      bytes.u32(keyTypes.string);
      bytes.u64(value.values.length);
      for (const text of value.values) bytes.string(text);
      return;
    case 'i32s':
      bytes.u32(keyTypes.array);
      bytes.u32(keyTypes.i32);
      bytes.u64(value.values.length);
      for (const number of value.values) bytes.i32(number);
      return;
  }
}

function encodeTensor(tensor: GgufTensor): Uint8Array {
  switch (tensor.type) {
    case 'F32':
      return new Uint8Array(tensor.values.buffer, tensor.values.byteOffset, tensor.values.byteLength);
    case 'Q8_0':
      return quantize(tensor.values);
  }
}

/** Q8_0: 32 values share one half-precision scale, each is kept as a signed byte. */
function quantize(values: Float32Array): Uint8Array {
  const blocks = values.length / valuesPerBlock;
  const bytesPerBlock = 2 + valuesPerBlock;
  const bytes = new Uint8Array(blocks * bytesPerBlock);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const source = values.subarray(block * valuesPerBlock, (block + 1) * valuesPerBlock);
    let largest = 0;
    for (const value of source) largest = Math.max(largest, Math.abs(value));
    const scale = largest / 127;
    const start = block * bytesPerBlock;
    view.setUint16(start, halfPrecision(scale), true);
    for (const [index, value] of source.entries()) view.setInt8(start + 2 + index, scale === 0 ? 0 : Math.round(value / scale));
  }
  return bytes;
}

/** The bits of a number as a 16-bit float. Only for 0 and for what lies in the normal range (6e-5 to 65,504), cut, not rounded. */
function halfPrecision(value: number): number {
  if (value === 0) return 0;
  const bits = new DataView(Float32Array.of(value).buffer).getUint32(0, true);
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  if (exponent <= 0 || exponent >= 31) throw new RangeError(`${value} is outside the normal range of a 16-bit float`);
  return (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

function aligned(length: number): number {
  return Math.ceil(length / alignmentBytes) * alignmentBytes;
}

class ByteWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  raw(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  ascii(text: string): void {
    this.raw(new TextEncoder().encode(text));
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u64(bytes.length);
    this.raw(bytes);
  }

  u32(value: number): void {
    this.#number(4, (view) => view.setUint32(0, value, true));
  }

  i32(value: number): void {
    this.#number(4, (view) => view.setInt32(0, value, true));
  }

  f32(value: number): void {
    this.#number(4, (view) => view.setFloat32(0, value, true));
  }

  u64(value: number): void {
    this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  align(): void {
    this.raw(new Uint8Array(aligned(this.#length) - this.#length));
  }

  done(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  #number(size: number, write: (view: DataView) => void): void {
    const bytes = new Uint8Array(size);
    write(new DataView(bytes.buffer));
    this.raw(bytes);
  }
}
