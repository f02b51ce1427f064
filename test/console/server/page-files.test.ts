import { beforeAll, describe, expect, it } from 'vitest';
import { type PageFile, readPageFiles } from '../../../src/console/server/page-files.ts';

/** All files that a visit loads, as they are sent. */
const BUDGET_BYTES = 300_000;

describe('the page', () => {
  let files: ReadonlyMap<string, PageFile>;

  beforeAll(async () => {
    files = await readPageFiles();
  });

  it('weighs less than its budget', () => {
    const loaded = ['/', '/page.js', '/page.css', '/icon.svg'].map((path) => files.get(path)?.body ?? '');
    expect(loaded.every((body) => body.length > 0)).toBe(true);
    const bytes = loaded.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
    expect(bytes).toBeLessThan(BUDGET_BYTES);
  });

  it('asks no other site for anything', () => {
    // Namespaces of SVG and XHTML are names, not addresses.
    const namespaces = /http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1999\/xlink)/g;
    for (const { body } of files.values())
      expect(body.replaceAll(namespaces, '')).not.toMatch(/(https?:)?\/\/[a-z]+\./i);
  });

  it('has no script, style or handler in its markup', () => {
    const html = files.get('/')?.body ?? '';
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  });

  it('never takes text for markup', () => {
    const script = files.get('/page.js')?.body ?? '';
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc/);
  });
});
