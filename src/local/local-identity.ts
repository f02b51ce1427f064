/** Region of everything local, as far as the emulators name one. */
export const LOCAL_REGION = 'us-east-1';

/** Account of everything local, the same as the emulators'. */
export const LOCAL_ACCOUNT_ID = '000000000000';
