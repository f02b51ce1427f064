import {
  type ListedDigest,
  type ListedWebhook,
  OUTPUTS,
  parseDigestList,
  parseWebhookList,
} from '../contract/outputs.ts';
import type { RecordedScope } from '../ledger/reconcile/recorded-scope.ts';
import type { RecordingStack } from '../ledger/record.ts';
import { UsageError } from './errors.ts';

/** The resources of a ledger, and the settings that its records depend on. */
export interface LedgerResources extends RecordingStack {
  readonly region: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucketName: string;
  /** Absent: the local stack does not name it. */
  readonly functionName?: string;
  /** The dimension `service` of its metrics. Absent: the local stack, or a stack of an older version. */
  readonly serviceName?: string;
  /** Which objects and events are recorded. */
  readonly recorded?: RecordedScope;
  /** Absent: the stack sends none. */
  readonly digests?: readonly ListedDigest[];
  /** What the digests link to. Absent: nothing. */
  readonly consoleUrl?: string;
  /** Absent: the stack has no webhooks. */
  readonly deliveries?: DeliveryResources;
}

/** What a redelivery to webhooks needs. */
export interface DeliveryResources {
  /** Of the deliveries that failed. */
  readonly queueUrl: string;
  readonly eventBus: string;
  readonly webhooks: readonly ListedWebhook[];
}

/**
 * The resources that a stack's outputs name.
 *
 * @throws UsageError when an output is missing: the stack is another one, or was deployed by an older version.
 */
export function toResources(
  outputs: Readonly<Record<string, string | undefined>>,
  stack: string,
  region: string,
): LedgerResources {
  const requiredOutput = (name: string) => {
    const value = outputs[name];
    if (value) return value;
    throw new UsageError(
      `stack "${stack}" has no output ${name}: it is not an upload-ledger stack, its app does not call addOutputs() of the ledger, or an older version deployed it (deploy it again)`,
    );
  };
  const digests = parseDigestList(outputs[OUTPUTS.digests]);
  const template = outputs[OUTPUTS.uploaderKeyTemplate];
  const serviceName = outputs[OUTPUTS.serviceName];
  const consoleUrl = outputs[OUTPUTS.consoleUrl];
  const recorded = recordedScope(outputs);
  const retentionDays = Number(outputs[OUTPUTS.retentionDays]);
  return {
    region,
    tableName: requiredOutput(OUTPUTS.tableName),
    queueUrl: requiredOutput(OUTPUTS.queueUrl),
    deadLetterQueueUrl: requiredOutput(OUTPUTS.deadLetterQueueUrl),
    bucketName: requiredOutput(OUTPUTS.bucketName),
    functionName: requiredOutput(OUTPUTS.functionName),
    indexShards: Number(requiredOutput(OUTPUTS.indexShards)),
    ...(serviceName && { serviceName }),
    ...(Object.keys(recorded).length > 0 && { recorded }),
    ...(template && { uploaderKeyTemplate: template }),
    ...(retentionDays > 0 && { retentionDays }),
    ...(digests.length > 0 && { digests }),
    ...(consoleUrl && { consoleUrl }),
    ...deliveryResources(outputs),
  };
}

function deliveryResources(outputs: Readonly<Record<string, string | undefined>>) {
  const { deliveriesQueueUrl, eventBus: bus, webhooks } = OUTPUTS;
  const [queueUrl, eventBus] = [outputs[deliveriesQueueUrl], outputs[bus]];
  return queueUrl && eventBus
    ? { deliveries: { queueUrl, eventBus, webhooks: parseWebhookList(outputs[webhooks]) } }
    : {};
}

/** Stacks of older versions do not tell. */
function recordedScope(outputs: Readonly<Record<string, string | undefined>>): RecordedScope {
  const { keyPrefix, keySuffix, eventTypes } = OUTPUTS;
  const [prefix, suffix, events] = [outputs[keyPrefix], outputs[keySuffix], outputs[eventTypes]];
  return {
    ...(prefix && { prefix: decodedOutput(keyPrefix, prefix) }),
    ...(suffix && { suffix: decodedOutput(keySuffix, suffix) }),
    ...(events && { events: events.split(',') }),
  };
}

function decodedOutput(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    const came = JSON.stringify(value.slice(0, 100));
    throw new UsageError(`expected the stack's output ${name} to be URI-encoded, got ${came}: deploy the stack again`);
  }
}
