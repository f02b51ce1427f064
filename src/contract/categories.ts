/** Bounded groups of content types: metric dimension, digest grouping, condition of alert rules, and filter. */
export const CATEGORIES = ['image', 'video', 'audio', 'document', 'archive', 'data', 'code', 'other'] as const;
