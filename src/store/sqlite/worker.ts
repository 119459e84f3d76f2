import { parentPort, workerData } from 'node:worker_threads';
import { openDataFile } from './open-data-file.ts';
import type { DataFile } from './open-data-file.ts';
import { runGroup } from './run-group.ts';
import { storeFaultOf } from './store-fault.ts';
import type { WorkerReply, WorkerRequest, WorkerResult, WorkerStart } from './worker-messages.ts';

// The thread that owns the database. Commits wait for the disk, so they must not happen where streams are served.

function main(start: WorkerStart): void {
  const port = parentPort;
  if (port === null) throw new Error('This module runs in a worker thread only.');
  const reply = (message: WorkerReply): void => port.postMessage(message);

  let file: DataFile;
  try {
    file = openDataFile(start);
  } catch (error) {
    reply({ kind: 'refused', fault: storeFaultOf(error) });
    return;
  }
  reply({ kind: 'opened', releasedHolds: file.releasedHolds });

  port.on('message', (request: WorkerRequest) => {
    switch (request.kind) {
      case 'group':
        reply({ kind: 'group', results: runGroup(file.sql, request.calls, start.access).map(resultOf) });
        break;
      case 'close':
        file.close();
        port.close();
        break;
    }
  });
}

function resultOf(result: ReturnType<typeof runGroup>[number]): WorkerResult {
  return result.kind === 'done' ? result : { kind: 'failed', fault: storeFaultOf(result.error) };
}

main(workerData);
