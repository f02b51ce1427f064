import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { alarmDefinitions } from '../../../infra/monitoring/alarm-definitions.ts';
import { LedgerMetrics } from '../../../infra/monitoring/ledger-metrics.ts';
import { LedgerAlarms } from '../../../infra/monitoring/ledger-monitoring.ts';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import { appWithoutBundles } from '../synthesized.ts';
import { EMAIL } from '../variants.ts';

/** A template with every possible alarm, and no other. */
function everyAlarm(): Template {
  const app = appWithoutBundles();
  const { queue, deadLetterQueue, table, consumer, serviceName } = new UploadLedger(
    new Stack(app, 'Ledger'),
    'Uploads',
  );
  const publisher = { function: consumer, failures: deadLetterQueue };
  const webhooks = { deliveries: deadLetterQueue, bus: { eventBusName: 'uploads' }, listed: [{ rule: 'orders-1' }] };
  const metrics = new LedgerMetrics({ queue, deadLetterQueue, table, consumer, serviceName });
  const events = { ruleNames: ['uploads-1'], publisher, webhooks };
  const stack = new Stack(app, 'Alarms');
  const configuration = parseConfiguration({ ...EMAIL, silenceHours: 6, deletesPerFiveMinutes: 100 });
  const definitions = alarmDefinitions(metrics, events, configuration);
  new LedgerAlarms(stack, 'Alarms', { definitions, serviceName });
  return Template.fromStack(stack);
}

const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

/** Articles by the anchor that a heading gets. */
const articles = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((article) => {
      const [heading = ''] = article.split('\n', 1);
      return [heading.toLowerCase().replaceAll(' ', '-'), article] as const;
    }),
);

describe('the runbook', () => {
  it('has exactly one article for each possible alarm', () => {
    const alarms = everyAlarm().findResources('AWS::CloudWatch::Alarm');
    const named = Object.values(alarms).map(
      ({ Properties }) => / More: ([\w ]+), in the runbook of upload-ledger$/.exec(Properties.AlarmDescription)?.[1],
    );
    expect(named.map((title) => title?.toLowerCase().replaceAll(' ', '-')).sort()).toEqual([...articles.keys()].sort());
  });

  it.each([...articles])('says for "%s" what it means, where to look and what to do', (_, article) => {
    expect(article.match(/^\*\*[^*]+\*\*/gm)).toEqual(['**What it means.**', '**Look.**', '**Act.**']);
  });

  it('links only to existing articles', () => {
    for (const [, anchor = ''] of runbook.matchAll(/\]\(#([^)]+)\)/g)) expect([...articles.keys()]).toContain(anchor);
  });
});
