import type { Catalogue } from '../catalogue/catalogue.ts';
import { emptyPriceBook, type PriceBook } from '../catalogue/price-book.ts';
import { readPriceFile } from '../catalogue/read-price-file.ts';
import { ConfigError, readDocument } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';

/**
 * The operator's price file, checked whole against the models that there are. Throws ConfigError with every mistake, each with
 * its line and column and what would be right. Without a file there are no prices but the catalogue's.
 */
export function readOperatorPrices({ prices: { file } }: Config, known: Catalogue): PriceBook {
  if (file === undefined) return emptyPriceBook;
  const document = readDocument(file);
  const reading = readPriceFile(document.value, known);
  if (reading.kind === 'good') return reading.book;
  throw new ConfigError(
    reading.problems.map(({ path, message }) => {
      const { line, column } = document.position(path);
      return `${file}:${line}:${column} ${path.join('.')}: ${message}`;
    }),
  );
}

/**
 * Refuses models that nobody has priced, so that no call is billed nothing by oversight. Throws ConfigError with both ways out
 * for each model, unless the configuration says that they are free.
 */
export function refuseUnpriced({ prices: { file, unpriced } }: Config, models: readonly string[]): void {
  if (unpriced === 'free' || models.length === 0) return;
  const where = file ?? 'a price file (prices.file)';
  throw new ConfigError(
    models.map(
      (id) =>
        `providers: the model ${JSON.stringify(id)} has no price now; give it a row in ${where} (free: true for nothing), ` +
        'or set prices.unpriced: free, and what has no price costs nothing',
    ),
  );
}
