import { z } from 'zod';

const databaseUrl = z.string().superRefine((text, context) => {
  const flaw = flawOf(text);
  if (flaw !== undefined) context.addIssue({ code: 'custom', message: flaw });
});

export const databaseSettings = z
  .strictObject({
    url: databaseUrl
      .optional()
      .describe('PostgreSQL that any number of servers share. Absent: a SQLite file in the home, for one server.'),
    pepper: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits, as they stand in the file "pepper" of the first server')
      .optional()
      .describe('Secret under which API keys are hashed, the same for all servers. Absent: the file "pepper" in the home.'),
    lease_from_per_second: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50)
      .describe('From so many requests of one account in a second on, a server leases credits and decides by itself.'),
    connections: z.int().min(1).max(1_000).default(10).describe('Connections that one server works with; it has two more.'),
  })
  .prefault({})
  .superRefine(({ url, pepper }, context) => {
    if (pepper === undefined || url !== undefined) return;
    const message = 'is for servers that share database.url (DATABASE_URL); without it the home keeps a pepper of its own';
    context.addIssue({ code: 'custom', path: ['pepper'], message });
  });

/** What is wrong with the address of a database. The words never repeat it: it may hold a password. */
function flawOf(text: string): string | undefined {
  const example = 'postgres://user:password@host:5432/database';
  if (!/^postgres(ql)?:\/\//.test(text)) return `must begin with postgres://, such as ${example}`;
  // Several hosts may stand beside each other, for a server that fails over; the parser knows only one.
  const url = URL.parse(text.replace(/,[^/@?]*(?=[/?]|$)/, ''));
  if (url === null)
    return `is no address such as ${example}; write special characters of a password as %40 (@), %2F (/), %23 (#)`;
  if (url.hash !== '') return 'has a #; write it as %23 where it belongs to the password';
  if (url.hostname === '') return `names no host, such as ${example}`;
  if (url.username === '') return `names no user, such as ${example}`;
  if (!/^\/[^/]+$/.test(url.pathname)) return `names no database after the host, such as ${example}`;
  return undefined;
}
