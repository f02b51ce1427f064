import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROTECTIONS } from './protections.ts';
import { SIMULATED } from './simulated.ts';

describe('the protections that a mutation run takes out', () => {
  it.each([...PROTECTIONS, ...SIMULATED])('are once in their file: $name', ({ file, find }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2);
  });
});
