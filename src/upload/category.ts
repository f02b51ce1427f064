import { CATEGORIES } from '../contract/categories.ts';

export { CATEGORIES };

export type Category = (typeof CATEGORIES)[number];
