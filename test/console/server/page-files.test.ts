import { beforeAll, describe, expect, it } from 'vitest';
import { type PageFile, readPageFiles } from '../../../src/console/server/page-files.ts';

/** All files that a visit loads, as they are sent. */
const BUDGET_BYTES = 300_000;

describe('readPageFiles', () => {
  let files: ReadonlyMap<string, PageFile>;

  beforeAll(async () => {
    files = await readPageFiles();
  });

  it('gives less than the budget of the page', () => {
    const loaded = ['/', '/page.js', '/page.css', '/icon.svg'].map((path) => files.get(path)?.body ?? '');
    expect(loaded.every((body) => body.length > 0)).toBe(true);
    const bytes = loaded.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
    expect(bytes).toBeLessThan(BUDGET_BYTES);
  });

  it('gives no file that asks another site for anything', () => {
    // Namespaces of SVG and XHTML are names, not addresses.
    const namespaces = /http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1999\/xlink)/g;
    for (const { body } of files.values())
      expect(body.replaceAll(namespaces, '')).not.toMatch(/(https?:)?\/\/[a-z]+\./i);
  });

  it('gives markup without scripts, styles or handlers', () => {
    const html = files.get('/')?.body ?? '';
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  });

  it('gives a script that never makes markup from text', () => {
    const script = files.get('/page.js')?.body ?? '';
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/);
  });
});
