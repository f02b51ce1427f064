/** An email ready to be sent: both parts say the same. */
export interface Email {
  /** One line of Unicode without control characters; the mailer encodes it. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
