/** Where the articles stand, from the root of the repository. */
const RUNBOOK = 'docs/runbook.md';

/** An alarm's article: `DeadLettersWaiting` is headed "Dead letters waiting", and its anchor follows from that. */
export function runbookArticle(alarmId: string): string {
  const words = alarmId.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `${RUNBOOK}#${words}`;
}
