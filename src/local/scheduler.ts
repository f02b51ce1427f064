import { tickMessageAt, tickMessageNow } from '../contract/digest-tick.ts';
import { nextDue, type ScheduleTimes } from './schedule-times.ts';
import type { ScheduleResource } from './template-resources.ts';

/** Longest that a timer can wait, with room to spare: what is due later is looked at again. */
const LONGEST_WAIT = 24 * 60 * 60 * 1000;

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleResource[];
  /** Sends to a queue by its ARN. */
  readonly send: (queueArn: string, body: string) => Promise<void>;
  /** Told of a tick that the queue did not take. */
  readonly onError?: (error: Error) => void;
}

/** EventBridge Scheduler's part: sends each schedule's message when it is due. Starts at once. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timers = new Map<ScheduleResource, NodeJS.Timeout>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const startedAt = Date.now();
    for (const schedule of options.schedules) {
      if (schedule.isEnabled) this.#wait(schedule, { ...schedule, startedAt }, startedAt - 1);
    }
  }

  /**
   * Sends the digests now, of everything that is recorded by now.
   *
   * @param name One of them only. @default all
   * @returns the names of those whose tick was sent.
   */
  async tickNow(name?: string): Promise<readonly string[]> {
    const schedules = this.#options.schedules.filter((schedule) => name === undefined || schedule.name === name);
    for (const { queueArn, input } of schedules) await this.#options.send(queueArn, tickMessageNow(input, Date.now()));
    return schedules.map((schedule) => schedule.name);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #wait(schedule: ScheduleResource, times: ScheduleTimes, after: number): void {
    const due = nextDue(times, after);
    if (due === undefined) return;
    const wait = Math.min(LONGEST_WAIT, Math.max(0, due - Date.now()));
    const timer = setTimeout(() => {
      if (Date.now() < due) return this.#wait(schedule, times, after);
      this.#wait(schedule, times, due);
      void this.#send(schedule, due);
    }, wait);
    this.#timers.set(schedule, timer);
  }

  async #send({ queueArn, input }: ScheduleResource, due: number): Promise<void> {
    try {
      await this.#options.send(queueArn, tickMessageAt(input, due));
    } catch (error) {
      this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
