/** Words that say that something is money. */
const moneyWords = new Set([
  'amount',
  'balance',
  'bill',
  'billed',
  'charge',
  'charged',
  'cost',
  'costs',
  'credit',
  'credits',
  'debit',
  'debits',
  'dollar',
  'dollars',
  'money',
  'nano',
  'owed',
  'paid',
  'price',
  'prices',
  'quantum',
  'spent',
  'usd',
]);

/** Last words of names that count or date something about money: units stand last in this project. */
const countWords = new Set(['at', 'count', 'decimals', 'digits', 'index', 'length', 'lines', 'ms', 'runs', 'seconds', 'tokens']);

/** Whether a name says that what it names is money: `costUsd`, `line_amount`; not `lowBalanceToldAt`, which is a time. */
export function saysMoney(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.some((word) => moneyWords.has(word)) && !countWords.has(words.at(-1) ?? '');
}
