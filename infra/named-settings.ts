import { z } from 'zod';
import { keyTemplateFaults } from '../src/shared/key-template.ts';
import { encodedFilterValue, FILTER_VALUE_CHARACTERS } from './notification-filter.ts';
import { text } from './setting-kinds.ts';

/** Source: CloudFormation API reference, `CreateStack`, `StackName`. */
export const stackName = text(
  (name) => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name),
  'must be 1 to 128 letters, digits and hyphens, a letter first',
);

/** Source: EventBridge API reference, `CreateEventBus`, `Name`. */
export const busName = text(
  (name) => /^[A-Za-z0-9._-]{1,256}$/.test(name),
  'must be the name of an event bus of this account and Region, such as default',
);

const RESERVED_BUCKET_NAME = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$/;

/**
 * Source: Amazon S3 User Guide, "General purpose bucket naming rules". Dots are valid there, yet break the certificate of the
 * bucket's host name, and the bucket admits TLS only.
 */
export const bucketName = text(
  (name) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name) && !RESERVED_BUCKET_NAME.test(name),
  "must be 3 to 63 lower-case letters, digits and hyphens, with none of S3's reserved beginnings and endings",
);

/** Beginning or end of the keys that are recorded, as the keys are written: we encode it for S3. */
export const filterValue = text(
  (value) =>
    value !== '' &&
    !value.includes('*') &&
    value.isWellFormed() &&
    encodedFilterValue(value).length <= FILTER_VALUE_CHARACTERS,
  `must be 1 to ${FILTER_VALUE_CHARACTERS} characters when percent-encoded, without "*" (S3 knows no wildcards here)`,
);

/** Which part of a key names the uploader; the grammar stands in `src/contract/key-template.ts`. */
export const keyTemplate = z
  .string()
  .superRefine((template, context) => {
    const faults = keyTemplateFaults(template);
    if (faults.length > 0)
      context.addIssue({ code: 'custom', message: `must be a key template, but ${faults.join('; and ')}` });
  })
  .describe('must be a key template such as uploads/{uploader}/{*}');
