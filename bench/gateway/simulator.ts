import { createServer, type Server, type Socket } from 'node:net';
import { frames, smallStream, smallWhole, streamEnd, streamHead } from './wire/host-answers.ts';
import { RequestReader, type ReadRequest } from './wire/request-reader.ts';
import { readScenario, type Scenario } from './wire/scenario.ts';
import { smallFrames } from './wire/answer-text.ts';

// A host of chat completions in a process of its own, bare sockets and bytes that were made before. It is told how to answer by the first
// word of the path: `/small/v1/chat/completions`. Once it listens, it tells its parent the port.

const missing = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  // Whoever closes a connection in the middle of an answer is a caller who leaves.
  socket.on('error', () => socket.destroy());
  const reader = new RequestReader((request) => answer(socket, request));
  socket.on('data', (bytes) => reader.read(bytes));
}

function answer(socket: Socket, { path, isStreamed }: ReadRequest): void {
  const scenario = readScenario(path.slice(1, path.indexOf('/', 1)));
  if (scenario === undefined) socket.write(missing);
  else if (!isStreamed) socket.write(smallWhole);
  else stream(socket, scenario);
}

function stream(socket: Socket, scenario: Scenario): void {
  switch (scenario.kind) {
    case 'small':
      socket.write(smallStream);
      return;
    case 'idle':
      socket.write(Buffer.concat([streamHead, ...frames(smallFrames).slice(0, 1)]));
      return;
    case 'paced':
      socket.write(streamHead);
      walk(socket, scenario.frames, scenario.everyMs);
      return;
    case 'flow':
      socket.write(streamHead);
      flow(socket, scenario.frames, scenario.framesPerWrite, 0);
  }
}

/** Writes until the reader is behind, and on when it has caught up. */
function flow(socket: Socket, count: number, framesPerWrite: number, from: number): void {
  const all = frames(count);
  for (let at = from; at < count; at += framesPerWrite) {
    if (socket.destroyed) return;
    const bytes = framesPerWrite === 1 ? all[at] : Buffer.concat(all.slice(at, at + framesPerWrite));
    if (bytes === undefined || socket.write(bytes)) continue;
    socket.once('drain', () => flow(socket, count, framesPerWrite, at + framesPerWrite));
    return;
  }
  socket.write(streamEnd(count));
}

function walk(socket: Socket, count: number, everyMs: number): void {
  const all = frames(count);
  let at = 0;
  const timer = setInterval(() => {
    const frame = all[at++];
    if (frame !== undefined && !socket.destroyed) {
      socket.write(frame);
      return;
    }
    clearInterval(timer);
    if (!socket.destroyed) socket.write(streamEnd(count));
  }, everyMs);
}

async function listen(): Promise<number> {
  const server: Server = createServer({ highWaterMark: 65_536 }, serve);
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, listening.resolve);
  await listening.promise;
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The host has no port.');
  return bound.port;
}

process.send?.({ port: await listen() });
// Its parent ends it; where that dies first, so does the channel to it.
process.on('disconnect', () => process.exit());
