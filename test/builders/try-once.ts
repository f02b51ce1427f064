/** Options of an SDK client of an emulator that tries each call once. */
export const TRY_ONCE = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  maxAttempts: 1,
} as const;
