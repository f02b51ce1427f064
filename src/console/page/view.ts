import type { SourceView } from '../api-types.ts';
import type { LiveStore } from './live-store.ts';

/** What a view has to work with. */
export interface ViewContext {
  readonly source: SourceView;
  readonly live: LiveStore;
  /** The address that the view is at. */
  readonly url: URL;
  /** Aborted when the view is left: listeners and requests end with it. */
  readonly signal: AbortSignal;
  /** Goes to another address of the console. */
  readonly go: (address: string) => void;
}

/** Shows itself in `main`. */
export type View = (main: HTMLElement, context: ViewContext) => void;
