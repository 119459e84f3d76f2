import { createParser } from 'eventsource-parser';
import type { EventSourceParser } from 'eventsource-parser';
import { FlashmuxError } from '../../model/fault.ts';
import type { SseFrame } from '../codec.ts';

/** Characters (UTF-16 units) of one frame. The largest frame that a model API sends is one picture or clip of sound in base64. */
export const maxFrameCharacters = 8 * 1024 * 1024;

/**
 * Bytes to SSE frames. Chunks may be split anywhere: inside a UTF-8 character, inside CR LF, inside a line. Comments, ids, retry times
 * and frames without data are passed over. Throws `upstream_failed` for a frame beyond the limit, so that a broken host cannot fill
 * the memory; after that the decoder is of no more use.
 */
export class SseDecoder {
  readonly #utf8 = new TextDecoder();
  readonly #parser: EventSourceParser;
  #frames: SseFrame[] = [];

  constructor(maxCharacters: number = maxFrameCharacters) {
    this.#parser = createParser({
      maxBufferSize: maxCharacters,
      onEvent: ({ event, data }) => {
        if (data !== '') this.#frames.push(event === undefined ? { data } : { event, data });
      },
      onError: (error) => {
        // The other kinds are fields that no one knows, which the format wants ignored.
        if (error.type !== 'max-buffer-size-exceeded') return;
        throw new FlashmuxError('upstream_failed', `The upstream sent one event of more than ${maxCharacters} characters.`, {
          cause: error,
        });
      },
    });
  }

  /** The frames that this chunk completed. */
  decode(chunk: Uint8Array): readonly SseFrame[] {
    return this.#feed(this.#utf8.decode(chunk, { stream: true }));
  }

  /** The last frame, where the body ended without the blank line that should follow it (seen at several servers). */
  end(): readonly SseFrame[] {
    return this.#feed(`${this.#utf8.decode()}\n\n`);
  }

  #feed(text: string): readonly SseFrame[] {
    if (text !== '') this.#parser.feed(text);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }
}
