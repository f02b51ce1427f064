/** `npm run build:cli`: compiles the command line into `dist/cli`, from where the package's `bin` runs it. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { bundleCli } from './cli-bundle.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../dist/cli');

rmSync(DIRECTORY, { recursive: true, force: true });
const entry = await bundleCli(DIRECTORY);
process.stdout.write(`Compiled ${path.relative(process.cwd(), entry)}\n`);
