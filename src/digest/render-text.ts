import type { BarsSection, EmailContent, FactsSection, FilesSection, Notice, Section } from './email-content.ts';

/** Characters of the longest bar. */
const BAR = 10;

/** The text part: lines that end in LF, most of them short. What an uploader has named stands last in its line. */
export function renderText(content: EmailContent): string {
  const blocks = [
    [content.headline, ...content.introduction],
    ...content.notices.map(noticeLines),
    ...content.sections.map((section) => [section.title, '-'.repeat(section.title.length), ...sectionLines(section)]),
    content.closing,
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function noticeLines({ title, advice, command }: Notice): readonly string[] {
  return [`! ${title}`, `  ${advice}`, ...(command === undefined ? [] : [`  ${command}`])];
}

function sectionLines(section: Section): readonly string[] {
  switch (section.kind) {
    case 'facts':
      return factLines(section);
    case 'bars':
      return barLines(section);
    case 'files':
      return fileLines(section);
  }
}

function factLines({ facts }: FactsSection): readonly string[] {
  const width = longest(facts.map(({ label }) => label));
  return facts.map(({ label, value }) => `${label.padEnd(width)}  ${value}`);
}

function barLines({ bars, note }: BarsSection): readonly string[] {
  const width = longest(bars.map(({ value }) => value));
  const lines = bars.map(({ label, value, share }) => {
    const filled = Math.max(1, Math.round(share * BAR));
    return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}  ${value.padStart(width)}  ${label}`;
  });
  return [...lines, ...noteLines(note)];
}

function fileLines({ files, note }: FilesSection): readonly string[] {
  return [...files.flatMap(({ key, details }) => [key, `  ${details}`]), ...noteLines(note)];
}

function noteLines(note: string | undefined): readonly string[] {
  return note === undefined ? [] : [note];
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
