import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KeyTemplateError, keyTemplateIssues, parseKeyTemplate, uploaderInKey } from '../../src/shared/key-template.ts';
import { objectKeys, SEED } from '../builders/arbitraries.ts';

const find = (template: string, key: string) => uploaderInKey(parseKeyTemplate(template), key);

describe('a key template', () => {
  it.each([
    ['uploads/{uploader}/{*}', 'uploads/alice/2026/cat.jpg', 'alice'],
    ['uploads/{uploader}/{*}', 'uploads/alice/cat.jpg', 'alice'],
    ['uploads/{uploader}/{*}', 'uploads/alice/', 'alice'],
    ['uploads/{uploader}/{*}', 'uploads/ålice smith+1@example.com/x', 'ålice smith+1@example.com'],
    ['{uploader}/{*}', 'alice//x', 'alice'],
    ['{tenant}/{year}/{uploader}/{file}', 'acme/2026/alice/cat.jpg', 'alice'],
    ['in/{uploader}', 'in/alice', 'alice'],
    ['{uploader}', 'alice', 'alice'],
    ['/{uploader}/{*}', '/alice/x', 'alice'],
    ['a//{uploader}', 'a//alice', 'alice'],
  ])('finds the uploader: %s in %s', (template, key, uploader) => {
    expect(find(template, key)).toBe(uploader);
  });

  it.each([
    ['uploads/{uploader}/{*}', 'uploads/alice'],
    ['uploads/{uploader}/{*}', 'uploads//cat.jpg'],
    ['uploads/{uploader}/{*}', 'Uploads/alice/cat.jpg'],
    ['uploads/{uploader}/{*}', 'uploads2/alice/cat.jpg'],
    ['uploads/{uploader}/{*}', 'uploads'],
    ['uploads/{uploader}/{*}', ''],
    ['{uploader}/{file}', 'alice/2026/cat.jpg'],
    ['{uploader}/{file}', 'alice/'],
    ['{uploader}', 'alice/'],
    ['{uploader}', ''],
    ['{uploader}/x', 'alice/x/'],
  ])('finds nobody in a key of another form: %s in %s', (template, key) => {
    expect(find(template, key)).toBeUndefined();
  });

  it.each([
    ['', 'it is empty'],
    ['uploads/{*}', 'it holds {uploader} 0 times'],
    ['{uploader}/{uploader}', 'it holds {uploader} 2 times'],
    ['{*}/{uploader}', '{*} matches the rest of the key: it must be the last segment'],
    ['{uploader}/{*}/{*}', '{*} matches the rest of the key: it must be the last segment'],
    ['{uploader}/x-{date}.jpg', 'the segment "x-{date}.jpg" mixes braces and text'],
    ['{uploader}/{}', 'the segment "{}" mixes braces and text'],
    ['{uploader}/{a b}', 'the segment "{a b}" mixes braces and text'],
    ['{uploader}/{a', 'the segment "{a" mixes braces and text'],
    [`{uploader}/${'a'.repeat(1024)}`, 'it has 1035 characters'],
  ])('is refused with the rule that it breaks: %s', (template, issue) => {
    expect(keyTemplateIssues(template).join()).toContain(issue);
    expect(() => parseKeyTemplate(template)).toThrow(KeyTemplateError);
    expect(() => parseKeyTemplate(template)).toThrow(issue);
  });

  it('is refused by a KeyTemplateError that repeats no more than 100 characters', () => {
    const refused = expect.objectContaining({
      name: 'KeyTemplateError',
      message: expect.stringMatching(/got "a{100}":/),
    });
    expect(() => parseKeyTemplate('a'.repeat(101))).toThrow(refused);
  });

  it('is refused with all its issues at once', () => {
    expect(keyTemplateIssues('{*}/a{b}/c{d}')).toHaveLength(4);
    expect(() => parseKeyTemplate('{*}/a')).toThrow(
      expect.objectContaining({
        code: 'invalid-key-template',
        message:
          'Expected a key template such as uploads/{uploader}/{*}, got "{*}/a": it holds {uploader} 0 times: it must hold it once; ' +
          '{*} matches the rest of the key: it must be the last segment.',
      }),
    );
  });

  it('finds exactly the segment in its place, in any key', () => {
    fc.assert(
      fc.property(fc.array(objectKeys(), { minLength: 1, maxLength: 5 }), (parts) => {
        const key = parts.join('/');
        const segments = key.split('/');
        const expected = segments.length >= 3 && segments[0] !== '' && segments[1] !== '' ? segments[1] : undefined;
        expect(find('{tenant}/{uploader}/{*}', key)).toBe(expected);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('looks for each slash once, however long the key and however near the miss', () => {
    const template = parseKeyTemplate(`${'{a}/'.repeat(100)}{uploader}/end`);
    for (const segments of [50, 102, 1_000, 100_000]) {
      const key = 'x/'.repeat(segments);
      const indexOf = vi.spyOn(String.prototype, 'indexOf');
      const found = uploaderInKey(template, key);
      const searches = indexOf.mock.calls.length;
      indexOf.mockRestore();
      expect(found).toBeUndefined();
      expect(searches).toBeLessThanOrEqual(102);
    }
  });
});
