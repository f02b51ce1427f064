/** Region of everything local, as far as the emulators name one. */
export const LOCAL_REGION = 'us-east-1';

/** Account of everything local, the same as the emulators'. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** The credentials that the stack itself uses; the secret is that of every access key id. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Where the emulators listen, such as `http://127.0.0.1:41234`. */
export interface LocalEndpoints {
  /** S3 and SQS. */
  readonly services: string;
  readonly dynamodb: string;
  readonly ses: string;
  /** EventBridge. */
  readonly events: string;
}
