import type { LedgerEventType } from '../src/contract/events.ts';
import type { WebhookFormat } from '../src/contract/webhooks.ts';

/**
 * One webhook: an HTTPS endpoint that gets events. EventBridge sends them, and tries again for 24 hours what the endpoint
 * does not accept.
 */
export interface WebhookProps {
  /** Letters, digits, `-` and `_`, at most 64. Names differ in more than upper and lower case. */
  readonly name: string;

  /**
   * Public HTTPS address, without secrets: for Teams without its parameter `sig`.
   * @default with `slack` https://slack.com/api/chat.postMessage; otherwise it is needed
   */
  readonly url?: string;

  /**
   * Name of a secret in AWS Secrets Manager, in this account and Region. Its whole text is the value of the header
   * `Authorization`; with `teams` that of the parameter `sig`. It is read when the stack is deployed.
   */
  readonly secretName: string;

  /**
   * `json`: the event; `slack`: a message, posted with the token of a bot; `teams`: an Adaptive Card, for a workflow.
   * @default json
   */
  readonly format?: WebhookFormat;

  /** With `slack`, where it is needed: id of the channel, such as `C0123456789`. @default none */
  readonly channel?: string;

  /**
   * UploadRecorded, DeleteRecorded, RestoreRecorded, AlertRaised, DigestReady. The last two need settings `alerts` and
   * `digests`.
   * @default UploadRecorded, DeleteRecorded, RestoreRecorded
   */
  readonly events?: readonly LedgerEventType[];

  /** What the key begins with. Conditions choose among records: not with AlertRaised or DigestReady. @default any */
  readonly prefix?: string;

  /** What the key ends with. @default any */
  readonly suffix?: string;

  /** image, video, audio, document, archive, data, code or other. @default any */
  readonly category?: string;

  /** Who uploaded, exactly. @default anybody */
  readonly uploader?: string;

  /** Maximum number of requests a second, 1 to 300. @default 300; with `slack` 1, with `teams` 4 */
  readonly ratePerSecond?: number;
}
