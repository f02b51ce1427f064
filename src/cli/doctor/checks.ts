import type { Check } from './check.ts';
import { alarmsQuiet } from './checks/alarms-quiet.ts';
import { deadLettersCheck } from './checks/dead-letters.ts';
import { digestSchedules } from './checks/digest-schedules.ts';
import { emailSender } from './checks/email-sender.ts';
import { functionRuns } from './checks/function-runs.ts';
import { queueIsRead } from './checks/queue-is-read.ts';
import { queuePolicy } from './checks/queue-policy.ts';
import { redrivePolicy } from './checks/redrive-policy.ts';
import { tableReady, tableSafe } from './checks/table-safe.ts';
import { uploadsArrive } from './checks/uploads-arrive.ts';

/** What is checked of a stack on AWS, along the way of an upload. */
export const DEPLOYED: readonly Check[] = [
  uploadsArrive,
  queuePolicy,
  queueIsRead,
  functionRuns,
  redrivePolicy,
  deadLettersCheck,
  tableReady,
  tableSafe,
  alarmsQuiet,
  digestSchedules,
  emailSender,
];

/** What there is to check of the local stack: everything else is the stack itself, and runs or does not. */
export const LOCAL: readonly Check[] = [redrivePolicy, deadLettersCheck, tableReady];
