import { InvalidArgumentError, Option } from 'commander';

export function accountOption(): Option {
  return new Option('--account <id>', 'which account (default: the one of this machine)');
}

const largestPage = 1_000;

/** How many rows to show. */
export function limitOption(preset: number): Option {
  return new Option('--limit <n>', `how many, up to ${largestPage}`).default(preset).argParser((text) => {
    const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (limit < 1 || limit > largestPage) throw new InvalidArgumentError(`It is from 1 to ${largestPage}.`);
    return limit;
  });
}
