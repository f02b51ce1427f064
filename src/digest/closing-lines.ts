/**
 * The last lines of every email.
 *
 * The warning is for what no sender can prevent: mail programs turn into a link whatever looks like an address, also
 * where it is the name of a file that a stranger has uploaded.
 *
 * @param facts What the email was made of, as a sentence without its full stop.
 */
export function closingLines(facts: string): readonly string[] {
  return [`Sent by upload-ledger; ${facts}.`, 'Names come from whoever uploaded: do not follow a link in one.'];
}
