export interface BarPlot {
  readonly title: string;
  /** What the numbers are. */
  readonly unit: string;
  /** A line across, such as what is compared with. */
  readonly mark?: number;
  readonly groups: readonly BarGroup[];
}

interface BarGroup {
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly color: string }[];
}

const barHeight = 16;
const groupGap = 14;
const left = 250;
const plotWidth = 440;
const right = 90;
const top = 64;

/** Horizontal bars on a logarithmic axis, as an SVG that needs nothing else. Values that are not above zero get no bar. */
export function barPlot({ title, unit, mark, groups }: BarPlot): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const lowest = 10 ** Math.floor(Math.log10(Math.min(1, ...values, mark ?? 1)));
  const highest = 10 ** Math.ceil(Math.log10(Math.max(1, ...values)));
  const x = (value: number): number => left + (Math.log(value / lowest) / Math.log(highest / lowest)) * plotWidth;
  let y = top;
  const drawn = groups.map(({ label, bars }) => {
    const from = y;
    const lines = bars.map((bar) => {
      const line = barLine(bar, { y, x });
      y += barHeight;
      return line;
    });
    const middle = (from + y) / 2 + 4;
    y += groupGap;
    return `<text x="${left - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>${lines.join('')}`;
  });
  const [width, height] = [left + plotWidth + right, y + 28];
  const axis = decades(lowest, highest).map(
    (value) =>
      `<line x1="${x(value)}" y1="${top - 6}" x2="${x(value)}" y2="${y}" stroke="#8884"/><text x="${x(value)}" y="${y + 14}" text-anchor="middle">${value}</text>`,
  );
  const marked =
    mark === undefined
      ? ''
      : `<line x1="${x(mark)}" y1="${top - 6}" x2="${x(mark)}" y2="${y}" stroke="#555" stroke-dasharray="4 3"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    `<text x="10" y="42" fill="#555">${escaped(unit)}, logarithmic</text>`,
    ...axis,
    marked,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

interface Place {
  readonly y: number;
  readonly x: (value: number) => number;
}

function barLine({ name, value, color }: BarGroup['bars'][number], { y, x }: Place): string {
  if (!(value > 0)) return '';
  const end = x(value);
  const bar = `<rect x="${left}" y="${y + 1}" width="${Math.max(1, end - left).toFixed(1)}" height="${barHeight - 2}" fill="${color}"/>`;
  return `${bar}<text x="${(end + 5).toFixed(1)}" y="${y + 12}">${escaped(name)} ${shown(value)}</text>`;
}

function decades(lowest: number, highest: number): readonly number[] {
  const count = Math.round(Math.log10(highest / lowest));
  return Array.from({ length: count + 1 }, (_, step) => Number((lowest * 10 ** step).toPrecision(6)));
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
