/** Why a command was stopped before its end: the reason of the context's signal. */
export class StopReason extends Error {
  override readonly name = 'StopReason';
  readonly exitCode: number;

  /** @param exitCode What the program exits with: for a signal 128 and its number, as shells have it. */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
