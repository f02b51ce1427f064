import { visibleText } from '../../../shared/text.ts';
import { type Check, DEPLOY_AGAIN, ok, wrong } from '../check.ts';

/** Whether each digest has its schedule, and it is enabled. */
export const digestSchedules: Check = {
  name: 'schedules',
  needs: [
    'scheduler:ListSchedules',
    'scheduler:GetSchedule',
    'cloudformation:ListStackResources',
    'sqs:GetQueueAttributes',
  ],
  run: async ({ ledger, schedules }) => {
    const { digests = [] } = ledger.resources;
    if (digests.length === 0) return undefined;
    const found = await schedules();
    const missing = digests.filter(({ name }) => !found.some(({ Name }) => Name === name));
    if (missing.length > 0) {
      const names = missing.map(({ name }) => visibleText(name)).join(', ');
      return wrong(`the schedule of digest ${names} is gone, or does not send to the queue`, DEPLOY_AGAIN);
    }
    const off = found.filter(({ State }) => State !== 'ENABLED').map(({ Name = '' }) => visibleText(Name));
    if (off.length > 0) {
      return wrong(
        `the schedule of digest ${off.join(', ')} is disabled: it is not sent`,
        `enable it in EventBridge Scheduler, or ${DEPLOY_AGAIN}`,
      );
    }
    return ok(`${digests.map(({ name }) => visibleText(name)).join(', ')}`);
  },
};
