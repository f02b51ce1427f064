/** A handler that is measured. */
export interface Subject {
  readonly name: SubjectName;
  /** As a table names it. */
  readonly title: string;
  readonly runtime: 'node' | 'python';
  /** The file to load: a bundle, or a Python module. */
  readonly entry: string;
  /** Environment variables beside those of every function. */
  readonly environment?: NodeJS.ProcessEnv;
}

export type SubjectName = 'naive' | 'naive-python' | 'peer' | 'batch-peer' | 'floor' | 'ours' | 'with-digests';
