import type { World } from '../world.ts';
import { isUpload, mustBeRecorded } from './model.ts';
import type { Violation } from './violation.ts';

/** `UploadsRecorded` and `UploadBytes`: from every upload once, up to as often as the function reported it as stored. */
export function checkMetrics({ model, seen }: World): Violation[] {
  let uploads = 0;
  let bytes = 0;
  for (const tracked of model.all()) {
    if (!isUpload(tracked.event) || tracked.isOlder || !mustBeRecorded(tracked)) continue;
    uploads += 1;
    bytes += tracked.event.version.size;
  }
  const { uploadsRecorded, uploadBytes, storedRecords } = seen;
  const storedUploads = seen.storedUploads - seen.olderUploads;
  const violations: Violation[] = [];
  if (uploadsRecorded < uploads || uploadsRecorded > storedUploads) {
    const what = `UploadsRecorded is ${uploadsRecorded}; expected from ${uploads} to ${storedUploads}`;
    const isDeletes = uploadsRecorded === storedRecords;
    violations.push({ promise: 'metrics count the uploads', what, ...(isDeletes && { because: 'deletes-counted' }) });
  }
  if (uploadBytes < bytes) {
    violations.push({ promise: 'metrics count the uploads', what: `UploadBytes is ${uploadBytes}; expected ${bytes}` });
  }
  return violations;
}
