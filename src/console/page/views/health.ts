import { errorMessage } from '../../../shared/errors.ts';
import { formatNumberOf } from '../../../shared/format.ts';
import { visibleText } from '../../../shared/text.ts';
import type { CheckView, HealthLine } from '../../api-types.ts';
import { isAbort, jsonLines } from '../api.ts';
import { button, element, fill, setStatus, tableHead } from '../dom.ts';
import type { View } from '../router.ts';

const MARKS = { ok: '✓ ok', note: 'note', wrong: '✗ wrong', unknown: '? unknown' } as const;

/** Checks the deployment from the bucket to the emails. It changes nothing. */
export const healthView: View = (main, { signal }) => {
  const status = element('p.note', { role: 'status' });
  const body = element('tbody');
  const run = async () => {
    refresh.disabled = true;
    fill(body);
    setStatus(status, 'Checking ...');
    const found: CheckView[] = [];
    try {
      for await (const check of jsonLines<HealthLine>('/api/health', { signal })) {
        found.push(check);
        body.append(checkRow(check));
      }
      setStatus(status, summaryOf(found));
    } catch (error) {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    } finally {
      refresh.disabled = false;
    }
  };
  const refresh = button('Check again', () => void run());
  fill(
    main,
    element('div.view-head', element('h1', { tabindex: -1 }, 'Health'), status, refresh),
    element('section.card', element('table.history', tableHead('Result', 'Check', 'How it is'), body)),
  );
  void run();
};

function checkRow({ check, outcome, says, todo }: CheckView): HTMLTableRowElement {
  return element(
    'tr',
    { class: outcome === 'wrong' ? 'deleted' : outcome },
    element('td', { class: outcome === 'ok' ? 'good' : '' }, MARKS[outcome]),
    element('td', visibleText(check)),
    element('td.says', visibleText(says), todo !== undefined && element('p.note', `To do: ${visibleText(todo)}`)),
  );
}

function summaryOf(found: readonly CheckView[]): string {
  const count = (outcome: CheckView['outcome']) => found.filter((check) => check.outcome === outcome).length;
  const [wrong, unknown] = [count('wrong'), count('unknown')];
  if (wrong + unknown === 0) return `${formatNumberOf(found.length, 'check')}, nothing is wrong.`;
  return `${formatNumberOf(wrong, 'thing')} wrong, ${unknown} could not be checked, of ${formatNumberOf(found.length, 'check')}.`;
}
