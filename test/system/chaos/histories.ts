/** What happened to each object, for the case that something is wrong with it. */
export class Histories {
  readonly #startedAt = performance.now();
  readonly #lines = new Map<string, string[]>();

  /** @param object `<bucket>/<key>`, or the body of a message that names none. */
  note(object: string, what: string): void {
    const line = `${((performance.now() - this.#startedAt) / 1000).toFixed(3).padStart(9)} s  ${what}`;
    const lines = this.#lines.get(object);
    if (lines === undefined) this.#lines.set(object, [line]);
    else lines.push(line);
  }

  of(object: string): readonly string[] {
    return this.#lines.get(object) ?? [];
  }
}
