/** Something that is not as the model says. */
export interface Violation {
  /** `<bucket>/<key>`, where one object is concerned. */
  readonly object?: string;
  readonly what: string;
}
