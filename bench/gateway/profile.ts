import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { sourceProgram } from './candidates/flashmux-program.ts';
import { makeFlashmuxHome, startFlashmux } from './candidates/start-flashmux.ts';
import { startHost, startLoad } from './processes.ts';
import { threadMicroseconds } from './measure/process-usage.ts';
import { profileShape, readProfile, type Share } from './measure/read-profile.ts';
import { workNamed, workNames, type WorkName } from './works/works.ts';

// Where the time of flashmux goes: samples of its threads while they do one kind of work, after as long a run that warms up. With `--keep`
// the profiles stay, for the developer tools of a browser.
//
//   node bench/gateway/profile.ts [--only small,stream,translated] [--seconds 8] [--rows 25] [--keep folder]

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'small,stream,translated' },
    seconds: { type: 'string', default: '8' },
    rows: { type: 'string', default: '25' },
    keep: { type: 'string' },
  },
});
const root = path.join(import.meta.dirname, '../..');
const wanted: readonly WorkName[] = workNames.filter((name) => values.only.split(',').includes(name));

const host = await startHost();
const load = startLoad();
try {
  for (const name of wanted) await profile(name);
} finally {
  load.stop();
  host.stop();
}

async function profile(name: WorkName): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-profile-'));
  const profiles = values.keep === undefined ? path.join(folder, 'profiles') : path.join(path.resolve(values.keep), name);
  await mkdir(profiles, { recursive: true });
  const options = { folder, host, program: sourceProgram };
  const server = await startFlashmux(options, await makeFlashmuxHome(options));
  try {
    const { scenario, question, callers, title } = workNamed(name);
    const target = server.target({ scenario, form: question.form });
    const asked = { kind: 'closed', target, question: { ...question, model: scenario }, callers } as const;
    const durationMs = Number(values.seconds) * 1_000;
    await load.run({ ...asked, durationMs });
    await server.profile(async () => {
      const before = threadMicroseconds(server.processId);
      const { answers, firstFault } = await load.run({ ...asked, durationMs });
      console.log(`\n# ${title}: ${answers} answers${firstFault === undefined ? '' : `, ${firstFault}`}`);
      printThreads(before, threadMicroseconds(server.processId), answers);
    }, profiles);
    for (const file of await readdir(profiles)) await print(path.join(profiles, file));
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU time by name of thread, for each answer. Samples tell only of threads that run our code; this tells of all. */
function printThreads(before: Threads, after: Threads, answers: number): void {
  const byName = new Map<string, number>();
  for (const [id, { name, microseconds }] of after) {
    const used = microseconds - (before.get(id)?.microseconds ?? 0);
    byName.set(name, (byName.get(name) ?? 0) + used);
  }
  for (const [name, used] of byName)
    if (used / answers >= 1) console.log(`${(used / answers).toFixed(0).padStart(9)} µs an answer  ${name}`);
}

type Threads = ReturnType<typeof threadMicroseconds>;

/** Each thread has a file of its own. */
async function print(file: string): Promise<void> {
  const reading = readProfile(profileShape.parse(JSON.parse(await readFile(file, 'utf8'))), root);
  if (reading.busyMs < 200) return;
  console.log(`\n## ${path.basename(file)}: busy for ${Math.round(reading.busyMs)} ms`);
  for (const [title, shares] of Object.entries({
    folders: reading.folders,
    files: reading.files,
    functions: reading.functions,
  })) {
    list(`self time by ${title}`, shares);
  }
  list(
    'total time by function',
    reading.totals.filter(({ name }) => name.includes('src/')),
  );
}

function list(title: string, shares: readonly Share[]): void {
  console.log(`\n${title}`);
  for (const { name, ms, share } of shares.slice(0, Number(values.rows))) {
    console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${ms.toFixed(0).padStart(7)} ms  ${name}`);
  }
}
