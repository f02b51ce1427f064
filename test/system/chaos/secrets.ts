/** The function's credentials: words that stand nowhere else, so that a log that holds one gives a secret away. */
export const SECRETS = {
  accessKeyId: 'local',
  secretAccessKey: 'SECRET-KEY-THAT-NO-LOG-MAY-HOLD',
  sessionToken: 'SESSION-TOKEN-THAT-NO-LOG-MAY-HOLD',
} as const;

/** Stands in bodies beyond their first 200 characters. */
export const BODY_MARK = 'BEYOND-THE-FIRST-200-CHARACTERS';
