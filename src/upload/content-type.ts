import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import { ADDED_MEDIA_TYPES } from './added-media-types.ts';

/**
 * Media type by extension. The tables are those of the `mime` package; its class also builds the way back, from types
 * to extensions, which took two thirds of the time and would stand on the function's start path for nothing.
 */
const TYPE_BY_EXTENSION = new Map<string, string>();

/** Extensions by media type; a later table overrides the ones before it. */
const TABLES: readonly Readonly<Record<string, readonly string[]>>[] = [standardTypes, otherTypes, ADDED_MEDIA_TYPES];

for (const table of TABLES) {
  for (const [type, extensions] of Object.entries(table)) {
    for (const extension of extensions) {
      // The package marks with a star an extension that belongs to another type in the first place.
      if (!extension.startsWith('*')) TYPE_BY_EXTENSION.set(extension, type);
    }
  }
}

/**
 * Media type by the name's extension, in any case of letters: `image/png` for `Photo.PNG`. Undefined for a name without
 * an extension (`data`, `.profile`) or with one that says nothing.
 *
 * A guess from the name alone: nobody has looked at the content. One of a fixed set of values, however hostile the
 * name.
 */
export function contentTypeOf(filename: string): string | undefined {
  const dot = filename.lastIndexOf('.');
  return dot > 0 ? TYPE_BY_EXTENSION.get(filename.slice(dot + 1).toLowerCase()) : undefined;
}
