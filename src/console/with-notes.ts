/** A value, or the latest note that came while one was waited for. */
export interface Noted<Value> {
  readonly value?: Value;
  readonly note?: string;
}

/**
 * The values that `open` gives, and the notes that it makes meanwhile: also while no value comes for long. Of notes that come at once,
 * the last counts.
 */
export async function* withNotes<Value>(
  open: (onNote: (note: string) => void) => AsyncGenerator<Value>,
): AsyncGenerator<Noted<Value>> {
  let latest: string | undefined;
  let wake: () => void = () => undefined;
  const values = open((note) => {
    latest = note;
    wake();
  });
  try {
    let next = values.next();
    for (;;) {
      const noted = new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined);
        if (latest !== undefined) wake();
      });
      const first = await Promise.race([next, noted]);
      const note = latest;
      latest = undefined;
      if (note !== undefined) yield { note };
      if (first === undefined) continue;
      if (first.done) return;
      yield { value: first.value };
      next = values.next();
    }
  } finally {
    await values.return(undefined);
  }
}
