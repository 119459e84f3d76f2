/**
 * A command as it can be typed where the program lies: `flashmux keys create` where it is installed, and from its sources, where
 * no such program is on the path, through npm.
 */
export function hint(command: string): string {
  return import.meta.url.endsWith('.ts') ? command.replace(/^flashmux\b/, 'npm run flashmux --') : command;
}
