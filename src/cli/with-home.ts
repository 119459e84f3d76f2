import type { Command } from 'commander';
import { homeOf } from '../main/home-of.ts';
import type { Home } from '../main/open-home.ts';
import { configOf, logOf, type Context } from './context.ts';

/** Opens the data folder as a guest, which works beside a running server too, and closes it again. */
export async function withHome(
  context: Context,
  command: Command,
  act: (home: Home, localAccountId: string) => Promise<void>,
): Promise<void> {
  const loaded = configOf(context, command);
  const { openHome, localAccountId } = await import('../main/open-home.ts');
  const home = await openHome({ ...homeOf(loaded.config), role: 'guest', log: logOf(context, loaded) });
  try {
    await act(home, localAccountId);
  } finally {
    await home.close();
  }
}
