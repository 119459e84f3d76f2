import { FlashmuxError } from '../../model/fault.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { isParentMessage, type ChildMessage, type ModelSettings, type ParentMessage, type WireFault } from '../wire.ts';
import { Embedder } from './embedder.ts';
import { loadModel, type LoadedModel } from './loaded-model.ts';
import { Outbox } from './outbox.ts';
import { Pins } from './pins.ts';
import { countInput } from './prepared-request.ts';
import { runRequest, type Machine } from './run-request.ts';
import { SlotPool } from './slot-pool.ts';

/** The engine's own process: loads one model and answers the parent's messages until the parent is gone. */

interface Running {
  readonly outbox: Outbox;
  readonly abort: AbortController;
}

const running = new Map<number, Running>();
let machine: Machine | undefined;
let embedder: Embedder | undefined;
/** Texts that are being turned into vectors, by the id of their message. */
const embedding = new Map<number, AbortController>();

process.on('disconnect', () => process.exit(0));
// Both come to the whole process group of a terminal; the parent decides when its child ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('message', (message) => {
  if (isParentMessage(message)) receive(message);
});

function receive(message: ParentMessage): void {
  switch (message.kind) {
    case 'load':
      void load(message.settings);
      return;
    case 'run':
      void run(message);
      return;
    case 'abort':
      running.get(message.id)?.abort.abort();
      embedding.get(message.id)?.abort();
      return;
    case 'taken':
      running.get(message.id)?.outbox.taken(message.messages);
      return;
    case 'figures':
      send({
        kind: 'figures',
        id: message.id,
        figures: {
          activeSequences: machine?.pool.active ?? 0,
          queued: machine?.pool.queued ?? 0,
          tokensEvaluated: machine?.counters.tokensEvaluated ?? 0,
          tokensReused: machine?.counters.tokensReused ?? 0,
          pins: machine?.pins.store.size ?? 0,
          pinnedBytes: machine?.pins.store.bytes ?? 0,
          residentBytes: process.memoryUsage.rss(),
        },
      });
      return;
    case 'count-tokens':
      answerWith(message.id, () => {
        const tokens = loadedOrThrow().loaded.model.tokenize(message.text, false).length;
        send({ kind: 'token-count', id: message.id, tokens });
      });
      return;
    case 'count-input':
      answerWith(message.id, () => {
        send({ kind: 'token-count', id: message.id, tokens: countInput(loadedOrThrow().loaded, message.request) });
      });
      return;
    case 'embed':
      void embed(message);
      return;
  }
}

const sweepEveryMs = 1_000;

async function load(settings: ModelSettings): Promise<void> {
  let told = -1;
  const tell = (progress: number): void => {
    const percent = Math.floor(progress * 100);
    if (percent === told) return;
    told = percent;
    send({ kind: 'loading', progress });
  };
  let loaded: LoadedModel;
  try {
    loaded = await loadModel(settings, tell);
  } catch (error) {
    send({ kind: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    return;
  }
  const pins = new Pins(settings.pins, process.availableMemory(), systemClock);
  // What nobody asks for any more must not stay in memory longer than was said.
  setInterval(() => pins.store.sweep(), sweepEveryMs).unref();
  machine = {
    loaded,
    pool: new SlotPool(loaded.slots),
    pins,
    queueLimit: settings.queueLimit,
    counters: { tokensEvaluated: 0, tokensReused: 0 },
  };
  send({ kind: 'ready', model: loaded.ready });
}

async function run(message: Extract<ParentMessage, { kind: 'run' }>): Promise<void> {
  const { id, request, seed, callId, scope } = message;
  const outbox = new Outbox(id, send, systemClock);
  const abort = new AbortController();
  running.set(id, { outbox, abort });
  try {
    await runRequest(loadedOrThrow(), { request, seed, callId, scope, outbox, signal: abort.signal });
    outbox.finish();
    send({ kind: 'end', id });
  } catch (error) {
    outbox.finish();
    send({ kind: 'fault', id, fault: wireFault(error) });
  } finally {
    running.delete(id);
  }
}

async function embed({ id, inputs }: Extract<ParentMessage, { kind: 'embed' }>): Promise<void> {
  const abort = new AbortController();
  embedding.set(id, abort);
  try {
    embedder ??= new Embedder(loadedOrThrow().loaded);
    send({ kind: 'vectors', id, vectors: await embedder.embed(inputs, abort.signal) });
  } catch (error) {
    send({ kind: 'fault', id, fault: wireFault(error) });
  } finally {
    embedding.delete(id);
  }
}

function answerWith(id: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    send({ kind: 'fault', id, fault: wireFault(error) });
  }
}

function loadedOrThrow(): Machine {
  if (machine === undefined) throw new FlashmuxError('model_not_ready', 'The model is still loading.');
  return machine;
}

function wireFault(error: unknown): WireFault {
  if (FlashmuxError.is(error)) {
    const { code, message, param, retryAfterSeconds } = error;
    return {
      code,
      message,
      ...(param === undefined ? {} : { param }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal', message: 'The engine met an unexpected condition.', stack };
}

function send(message: ChildMessage): void {
  // The callback takes the error of a channel that closes while the message is under way; 'disconnect' follows.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
