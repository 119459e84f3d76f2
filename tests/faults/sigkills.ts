import { setTimeout as pause } from 'node:timers/promises';
import { sqliteBooks, expectRightBooks } from './support/books.ts';
import { milliseconds, percentile, type Figures } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place, type ServerProcess } from './support/place.ts';

/** Kills the server again and again, each time 150 to 650 ms after it listened, while callers ask without end. */
export async function sigkills(kills: number): Promise<Figures> {
  // The last customer can pay a few dozen requests only.
  const place = await Place.make({ balances: [...Array.from({ length: 7 }, () => 1_000_000_000_000n), 60_000_000n] });
  try {
    const starts: number[] = [];
    let server: ServerProcess | undefined;
    const serve = async (): Promise<ServerProcess> => {
      server = await place.serve({ NODE_COMPILE_CACHE: `${place.home}/cache` });
      starts.push(server.startMs);
      return server;
    };
    let running = await serve();
    const load = new Load({ place, urls: () => (server === undefined ? [] : [server.url]), callers: 24 });
    for (let kill = 1; kill <= kills; kill++) {
      await pause(150 + Math.random() * 500);
      server = undefined;
      await running.kill();
      running = await serve();
      await checkBooks(place);
    }
    await load.stop();
    const { code } = await running.stop();
    if (code !== 0) throw new Error(`The server ended with ${code}: ${running.log()}`);
    const books = sqliteBooks(place.dataFile);
    try {
      const figures = await expectJust(load.asked, books);
      const [recovered] = await books.rows(
        // An attempt whose caller asked again became void for good then; what ended by itself has a record.
        `SELECT COUNT(*) AS holds FROM holds
         WHERE state IN ('expired', 'void') AND request_id NOT IN (SELECT request_id FROM request_records)`,
      );
      return {
        kills,
        ...figures,
        'asked again': load.retries,
        'holds released at restarts': Number(recovered?.['holds']),
        'start to listening, median': milliseconds(percentile(starts, 0.5)),
        'start to listening, longest': milliseconds(Math.max(...starts)),
      };
    } finally {
      await books.close();
    }
  } finally {
    await place.remove();
  }
}

async function checkBooks(place: Place): Promise<void> {
  const books = sqliteBooks(place.dataFile);
  try {
    await expectRightBooks(books);
  } finally {
    await books.close();
  }
}
