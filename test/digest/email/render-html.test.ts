import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { html } from '../../../src/digest/email/render-html.ts';
import { SEED, untrustedTexts } from '../untrusted-texts.ts';

describe('html', () => {
  it('escapes values in text and in attributes', () => {
    expect(html`<p title="${'"><script>'}">${`<b>&'"`}</p>`.source).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;&quot;</p>',
    );
  });

  it('inserts its own parts as they are, one or many', () => {
    const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${html`<br>`}${3}`.source).toBe('<ul><li>a</li><li>&lt;</li></ul><br>3');
  });

  it('keeps every value exactly, as an HTML parser reads it', () => {
    fc.assert(
      fc.property(untrustedTexts(), (text) => {
        // No document can hold these: a parser replaces them, and emails never contain them.
        const value = text.replace(/[\0\r]/g, '').toWellFormed();
        const [element, ...more] = parseFragment(html`<p title="${value}">${value}</p>`.source).childNodes;
        expect(more).toEqual([]);
        expect(element).toMatchObject({ nodeName: 'p', attrs: [{ name: 'title', value }] });
        const texts = element !== undefined && 'childNodes' in element ? element.childNodes : [];
        expect(texts.map((node) => ('value' in node ? node.value : node))).toEqual(value === '' ? [] : [value]);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
