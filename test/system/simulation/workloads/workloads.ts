import type { WorkloadSpec } from '../plans/workload-specs.ts';
import { deploy, leaveOldItems } from './deployments.ts';
import { sendPoison } from './messages.ts';
import { deleteVersions, runLifecycle } from './objects.ts';
import { operate } from './operator.ts';
import type { Stage } from './stage.ts';
import {
  uploadAtFullHours,
  uploadBusily,
  uploadInBursts,
  uploadInParts,
  uploadNoisily,
  uploadSameContent,
  uploadSteadily,
} from './uploads.ts';

/** Runs it from the start of the simulated time to its end. */
export function runWorkload(spec: WorkloadSpec, stage: Stage): Promise<void> {
  switch (spec.kind) {
    case 'steady':
      return uploadSteadily(stage, spec);
    case 'bursts':
      return uploadInBursts(stage, spec);
    case 'noisy-folder':
      return uploadNoisily(stage, spec);
    case 'full-hours':
      return uploadAtFullHours(stage, spec);
    case 'same-content':
      return uploadSameContent(stage, spec);
    case 'parts':
      return uploadInParts(stage, spec);
    case 'busy-uploader':
      return uploadBusily(stage, spec);
    case 'lifecycle':
      return runLifecycle(stage, spec);
    case 'version-deletes':
      return deleteVersions(stage, spec);
    case 'poison':
      return sendPoison(stage, spec);
    case 'deployments':
      return deploy(stage, spec);
    case 'older-version':
      return leaveOldItems(stage);
    case 'operator':
      return operate(stage, spec);
  }
}
