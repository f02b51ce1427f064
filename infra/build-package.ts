/** `npm run build:package`, which `npm run package` does before it packs: writes `dist` anew, as the package holds it. */
import path from 'node:path';
import { buildPackage } from './package-build.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../dist');

await buildPackage(DIRECTORY);
process.stdout.write(`Built ${path.relative(process.cwd(), DIRECTORY)}\n`);
