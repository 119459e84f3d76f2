#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

// Compiled code is kept between starts, which halves the time a command takes to start. It lies with the user, not in the folder
// for temporary files that is Node's default: code that others could have put there must not run here. It must be on before
// anything large is imported. Where the folder cannot be written, Node goes on without it.
enableCompileCache(path.join(homedir(), '.cache', 'flashmux'));
await import('./command-line.ts');
