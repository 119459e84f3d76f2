/**
 * The formats of JSON Schema (2020-12, section 7.3) that are checked: those that a strict schema of OpenAI may name, beside time spans.
 * Every other word is a remark, as the specification wants it. Each pattern takes time in proportion to the text.
 */
export const stringFormats = {
  date: isDate,
  time: isTime,
  'date-time': (text: string) => {
    const [date = '', time = '', ...more] = text.split(/[Tt]/);
    return more.length === 0 && isDate(date) && isTime(time);
  },
  email: /^[^\s@"]{1,64}@[^\s@"]{1,255}$/,
  hostname: /^(?=.{1,253}$)[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i,
  ipv4: /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/,
  ipv6: (text: string) => /^[\da-f:.]{2,45}$/i.test(text) && URL.canParse(`http://[${text}]`),
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  uri: (text: string) => /^[a-z][a-z\d+.-]*:/i.test(text) && URL.canParse(text),
} as const;

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

/** With an offset, as RFC 3339 wants it; a second may be a leap second. */
function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:z|[-+](?:[01]\d|2[0-3]):[0-5]\d)$/i.test(text);
}
