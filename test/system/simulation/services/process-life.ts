import type { Clock } from '../../../../src/shared/clock.ts';
import { SDK_RETRIES, SdkRetries } from './sdk-retries.ts';

/** The clients of one process, as far as they have a memory: how many repeats each may still send. */
export class ClientRetries {
  readonly dynamodb: SdkRetries;
  readonly sqs: SdkRetries;
  readonly ses: SdkRetries;

  constructor(clock: Pick<Clock, 'random' | 'sleep'>) {
    this.dynamodb = new SdkRetries({ clock, ...SDK_RETRIES.dynamodb });
    this.sqs = new SdkRetries({ clock, ...SDK_RETRIES.others });
    this.ses = new SdkRetries({ clock, ...SDK_RETRIES.others });
  }
}

/** Whether an invocation may still act. Whatever is called after its end never answers, like a process that is gone. */
export class Life {
  readonly retries: ClientRetries | undefined;
  #hasEnded = false;

  /** @param retries What the clients of its process remember. @default they are new */
  constructor(retries?: ClientRetries) {
    this.retries = retries;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** Runs a call to a service for as long as the invocation lives. */
  async call<T>(send: () => Promise<T>): Promise<T> {
    if (this.#hasEnded) return new Promise<never>(() => undefined);
    try {
      return await this.#orNever(await send());
    } catch (error) {
      await this.#orNever(undefined);
      throw error;
    }
  }

  #orNever<T>(value: T): T | Promise<never> {
    return this.#hasEnded ? new Promise<never>(() => undefined) : value;
  }
}
