/** `npm run lab -- settings-reference`: writes `docs/settings.md`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderSettings } from '../docs/render-settings.ts';

await writeFile(path.resolve(import.meta.dirname, '../../docs/settings.md'), renderSettings());
