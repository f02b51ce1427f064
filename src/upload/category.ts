/** Bounded groups of content types: metric dimension, digest grouping and filter. */
export const CATEGORIES = ['image', 'video', 'audio', 'document', 'archive', 'data', 'code', 'other'] as const;

export type Category = (typeof CATEGORIES)[number];
