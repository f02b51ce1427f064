/** `npm run docs:cli`: writes `docs/cli.md`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkoutDirectory } from './checkout.ts';
import { processContext } from './process-context.ts';
import { programFor } from './program.ts';
import { renderReference } from './reference.ts';

const file = path.join(checkoutDirectory(), 'docs', 'cli.md');
await writeFile(file, renderReference(programFor(processContext(process))));
