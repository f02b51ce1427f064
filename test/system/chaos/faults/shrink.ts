/** Everything that a run hangs on, beside the machine. */
export interface Trouble<Fault> {
  readonly uploads: number;
  readonly faults: readonly Fault[];
}

export interface ShrinkOptions<Fault> {
  /** Whether this much trouble still does harm. */
  readonly fails: (trouble: Trouble<Fault>) => Promise<boolean>;
  readonly leastUploads: number;
  /** Asked before each try. */
  readonly mayTry: () => boolean;
}

/**
 * Looks for less trouble that still does harm: first fewer uploads, then ever smaller parts of the faults (delta debugging).
 *
 * Which call meets which fault hangs on the machine's timing too, so a try may pass by luck: what comes out failed when it was tried,
 * and is the shortest that was found, not the shortest there is.
 */
export async function shrink<Fault>(
  start: Trouble<Fault>,
  { fails, leastUploads, mayTry }: ShrinkOptions<Fault>,
): Promise<Trouble<Fault>> {
  let best = start;
  while (best.uploads > leastUploads && mayTry()) {
    const fewer = { ...best, uploads: Math.max(leastUploads, Math.floor(best.uploads / 2)) };
    if (!(await fails(fewer))) break;
    best = fewer;
  }
  let parts = 2;
  while (best.faults.length > 0 && mayTry()) {
    const smaller = await withoutOnePart(best, parts, fails, mayTry);
    if (smaller !== undefined) {
      best = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= best.faults.length) {
      break;
    } else {
      parts = Math.min(best.faults.length, parts * 2);
    }
  }
  return best;
}

async function withoutOnePart<Fault>(
  trouble: Trouble<Fault>,
  parts: number,
  fails: ShrinkOptions<Fault>['fails'],
  mayTry: () => boolean,
): Promise<Trouble<Fault> | undefined> {
  const size = Math.ceil(trouble.faults.length / parts);
  for (let start = 0; start < trouble.faults.length && mayTry(); start += size) {
    const faults = trouble.faults.filter((_, index) => index < start || index >= start + size);
    if (await fails({ ...trouble, faults })) return { ...trouble, faults };
  }
  return undefined;
}
