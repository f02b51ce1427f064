/** Header of an answer by which the function's process learns how it ends. */
export const FATE_HEADER = 'x-chaos-fate';

/** How a process ends: by SIGKILL, by a heap that is really full, or by an event loop that is stuck until Lambda's timeout. */
export type Fate = 'killed-at-answer' | 'out-of-memory' | 'timed-out';
