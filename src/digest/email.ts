/** An email ready to be sent: both parts say the same. */
export interface Email {
  /** One line of Unicode without control characters; the mailer encodes it. */
  readonly subject: string;
  /** Lines that end in LF. */
  readonly text: string;
  /** A whole HTML document without images, scripts, links or anything else that is fetched. */
  readonly html: string;
}
