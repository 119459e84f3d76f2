/** Bytes of a header of RIFF/WAVE with one format chunk, before the samples. */
const headerBytes = 44;
/** What players take for "as long as it goes on": the length of a stream is not known when it begins. */
const unknownLength = 0xff_ff_ff_ff;

/** The header of a WAV file of 16-bit mono samples. `samplesBytes` absent: a stream, whose length nobody knows yet. */
export function wavHeader(hertz: number, samplesBytes?: number): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  const total = samplesBytes === undefined ? unknownLength : samplesBytes + headerBytes - 8;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(total, unknownLength), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  // PCM, one channel, 16 bits: two bytes a sample.
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(hertz, 24);
  header.writeUInt32LE(hertz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(Math.min(samplesBytes ?? unknownLength, unknownLength), 40);
  return header;
}
