/** How the stub answers from now on. */
export interface StubBehaviour {
  /** Milliseconds between a request and its answer. */
  readonly delay: number;
  /** Part of the puts of BatchWriteItem that come back unprocessed, 0 to 1. */
  readonly unprocessed: number;
  /** Keeps what is put, for {@link StubCounts}. Costs the stub time: not for measurements. */
  readonly keepItems: boolean;
}

/** An item in DynamoDB's JSON. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** What the stub has seen since its behaviour was last set. */
export interface StubCounts {
  readonly batchWriteItem: number;
  readonly putItem: number;
  /** Puts that arrived in BatchWriteItem calls, refused ones each time. */
  readonly puts: number;
  readonly items: readonly StoredItem[];
}

/** Parent to stub. Each is answered with the counts up to then. */
export type StubRequest = StubBehaviour;

/** What the stub says first. */
export interface StubAddress {
  readonly http: string;
  /** Undefined without a certificate. */
  readonly https?: string;
}
