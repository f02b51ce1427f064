import type { RedriveReport } from '../../dead-letters/redrive.ts';
import { formatCount, formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';

type Detail = readonly [name: string, value: string];

/** What a redrive did, or a dry run would do, in lines for people. */
export function redriveDetails(report: RedriveReport, isDryRun: boolean, all: boolean): Detail[] {
  const { looked, otherReason, chosen, moved, notDeleted, notSent, cameBack, canary } = report;
  const failing = [...report.wouldFail].map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ');
  const some = (name: string, count: number, note: string): Detail[] =>
    count === 0 ? [] : [[name, `${formatCount(count)}${note}`]];
  return [
    ['looked at', formatNumberOf(looked, 'message')],
    ...some('other reason', otherReason, ', left alone'),
    ...(failing === '' ? [] : ([['would fail', `${failing}${all ? '' : ' (left alone)'}`]] as const)),
    isDryRun ? ['would move', formatCount(chosen)] : ['moved', formatCount(moved)],
    ...some('refused', notSent, ` by the uploads queue, left alone: ${visibleText(report.firstRefusal ?? '')}`),
    ...some('not deleted', notDeleted, ', in both queues now: moving them again does no harm'),
    ...some('came back', cameBack, ' to the dead-letter queue'),
    ...(canary === undefined ? [] : ([['watched', canaryText(canary)]] as const)),
  ];
}

function canaryText({ moved, recorded, cameBack, unrecorded }: NonNullable<RedriveReport['canary']>): string {
  const quiet = moved - recorded - cameBack - unrecorded;
  const parts = [
    [recorded, 'recorded'],
    [cameBack, 'came back'],
    [unrecorded, 'not recorded in time'],
    [quiet, 'did not come back'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${moved}: ${shown.join(', ')}`;
}

/** Why it ended before the queue was empty, and what to do; nothing to say when it did not. */
export function redriveAdvice({ end, canary }: RedriveReport, waited: string): string | undefined {
  switch (end) {
    case 'empty':
    case 'limit':
      return undefined;
    case 'canary':
      return canary !== undefined && canary.cameBack > 0
        ? 'Stopped: messages came back. "dlq list" says why; nothing more was moved.'
        : `Stopped: records did not appear within ${waited}. Is the function running ("doctor")? Longer batching windows need a longer --canary-wait.`;
    case 'came-back':
      return 'Stopped: messages came back. "dlq list" says why; nothing more was moved.';
    case 'full':
      return 'Stopped: more messages stay behind than one look can hold. Name a --reason, or export and purge those.';
    case 'stopped':
      return 'Stopped between two moves; nothing is lost. Run it again to go on.';
  }
}

/** For programs. */
export function redriveJson(report: RedriveReport, isDryRun: boolean) {
  const { looked, otherReason, wouldFail, chosen, moved, notDeleted, notSent, cameBack, canary, end } = report;
  return {
    dry_run: isDryRun,
    looked,
    other_reason: otherReason,
    would_fail: Object.fromEntries(wouldFail),
    would_move: chosen,
    moved,
    not_sent: notSent,
    not_deleted: notDeleted,
    came_back: cameBack,
    ...(canary && { watched: { ...canary } }),
    end,
  };
}
