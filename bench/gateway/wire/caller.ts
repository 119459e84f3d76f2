import { connect, type Socket } from 'node:net';
import type { Question, Target } from '../load-messages.ts';
import { AnswerReader } from './answer-reader.ts';
import { countFrames, judgeAnswer } from './judge-answer.ts';

/** How often a stream is read word for word; of the others the frames are counted. */
const readInFullEvery = 16;

/** What all callers of one run ask, and what they know of right answers. */
export class Asked {
  readonly question: Question;
  readonly bytes: Buffer;
  #seen = 0;
  #frames: number | undefined;

  constructor(question: Question, bytes: Buffer) {
    this.question = question;
    this.bytes = bytes;
  }

  /** What is wrong with an answer; undefined where it is right. */
  judge(status: number, pieces: readonly Buffer[]): string | undefined {
    const body = Buffer.concat(pieces);
    if (status !== 200) return `status ${status}: ${body.subarray(0, 300).toString()}`;
    const frames = this.question.isStreamed ? countFrames(body) : 0;
    if (this.question.isStreamed && this.#seen++ % readInFullEvery > 0) {
      return frames === this.#frames ? undefined : `${frames} frames instead of ${this.#frames}`;
    }
    this.#frames ??= frames;
    return judgeAnswer(this.question, body.toString());
  }
}

/** One kept-alive connection of one caller, who waits for each answer before asking again. */
export class Caller {
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  #status = 0;
  #pieces: Buffer[] = [];
  #waiting: PromiseWithResolvers<string | undefined> | undefined;
  #asked: Asked | undefined;
  #onFirstPiece: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new AnswerReader({
      onStatus: (status) => (this.#status = status),
      onBody: (bytes) => {
        this.#pieces.push(bytes);
        this.#onFirstPiece?.();
      },
      onEnd: () => this.#waiting?.resolve(this.#asked?.judge(this.#status, this.#pieces)),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      try {
        this.#reader.read(bytes);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    socket.on('error', (error) => this.#waiting?.resolve(error.message));
    socket.on('close', () => this.#waiting?.resolve('the connection was closed'));
  }

  /** Rejects where nobody listens. */
  static async connect({ host, port }: Target): Promise<Caller> {
    const connected = Promise.withResolvers<void>();
    const socket = connect({ host, port }, connected.resolve);
    socket.once('error', connected.reject);
    await connected.promise;
    socket.off('error', connected.reject);
    return new Caller(socket);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Resolves with what is wrong with the answer; undefined where it is right. Never rejects. */
  async ask(asked: Asked): Promise<string | undefined> {
    this.#asked = asked;
    this.#pieces = [];
    const waiting = Promise.withResolvers<string | undefined>();
    this.#waiting = waiting;
    this.#socket.write(asked.bytes);
    const fault = await waiting.promise;
    this.#waiting = undefined;
    return fault;
  }

  /** Resolves at the first piece of an answer that goes on; with what is wrong where it ends instead. */
  async askAndHold(asked: Asked): Promise<string | undefined> {
    const first = Promise.withResolvers<undefined>();
    this.#onFirstPiece = () => {
      if (this.#status === 200) first.resolve(undefined);
    };
    return await Promise.race([first.promise, this.ask(asked).then((fault) => fault ?? 'the answer ended')]);
  }

  close(): void {
    this.#socket.destroy();
  }
}
