import type { LedgerEventType, WebhookFormat } from '../src/contract/events.ts';

/**
 * One webhook: an HTTPS endpoint that gets events from EventBridge. EventBridge tries for 24 hours to deliver an event.
 */
export interface WebhookProps {
  /** Letters, digits, `-` and `_`, at most 64. Two names must not differ only in upper and lower case. */
  readonly name: string;

  /**
   * Public HTTPS address, without secrets. For Teams, leave out the parameter `sig`.
   * @default with `slack` https://slack.com/api/chat.postMessage; needed with the other formats
   */
  readonly url?: string;

  /**
   * Name of a secret in AWS Secrets Manager, in this account and Region. Its whole text is the value of the header
   * `Authorization`, or with `teams` of the parameter `sig`. CloudFormation reads it when the stack is deployed.
   */
  readonly secretName: string;

  /**
   * `json`: the event; `slack`: a message, posted with the token of a bot; `teams`: an Adaptive Card, for a workflow.
   * @default json
   */
  readonly format?: WebhookFormat;

  /** Id of the Slack channel, such as `C0123456789`: needed with `slack`, and only there. @default none */
  readonly channel?: string;

  /**
   * Any of UploadRecorded, DeleteRecorded, RestoreRecorded, AlertRaised, DigestReady. The last two need the settings
   * `alerts` and `digests`.
   * @default UploadRecorded, DeleteRecorded, RestoreRecorded
   */
  readonly events?: readonly LedgerEventType[];

  /**
   * Beginning of the key. This and the next three conditions are about records: not with AlertRaised or DigestReady.
   * @default any
   */
  readonly prefix?: string;

  /** End of the key. @default any */
  readonly suffix?: string;

  /** image, video, audio, document, archive, data, code or other. @default any */
  readonly category?: string;

  /** Name of the uploader, exactly as in the record. @default anybody */
  readonly uploader?: string;

  /** Maximum number of requests a second, 1 to 300. @default 300; with `slack` 1, with `teams` 4 */
  readonly ratePerSecond?: number;
}
