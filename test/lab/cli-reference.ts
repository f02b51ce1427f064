/** `npm run lab -- cli-reference`: writes `docs/cli.md`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { renderReference } from '../cli/render-reference.ts';

const file = path.resolve(import.meta.dirname, '../../docs/cli.md');
await writeFile(file, renderReference(await createProgram(processContext(process))));
