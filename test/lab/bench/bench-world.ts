import path from 'node:path';
import type { Built } from './build/build-subjects.ts';
import type { Subject, SubjectName } from './build/subjects.ts';
import { writePayload } from './payload/payload-file.ts';
import type { Certificate } from './stub/certificate.ts';
import type { Stub } from './stub/start-stub.ts';
import { warmCommand } from './worker/command.ts';
import { lambdaEnvironment } from './worker/lambda-environment.ts';
import { Worker } from './worker/worker.ts';

const MINUTE = 60_000;

/** What every part of the bench works with. */
export class BenchWorld {
  readonly directory: string;
  readonly built: Built;
  readonly stub: Stub;
  readonly certificate: Certificate | undefined;
  /** The end of a minute, as metrics have a document for each: small batches lie in one minute, as they usually do. */
  readonly #newest = Math.floor(Date.now() / MINUTE) * MINUTE - 1;
  readonly #payloads = new Map<number, string>();
  #workers = 0;

  constructor(directory: string, built: Built, stub: Stub, certificate: Certificate | undefined) {
    this.directory = directory;
    this.built = built;
    this.stub = stub;
    this.certificate = certificate;
  }

  /** File with the event of one invocation. */
  payload(messages: number): string {
    const file = this.#payloads.get(messages) ?? writePayload(this.directory, messages, this.#newest);
    this.#payloads.set(messages, file);
    return file;
  }

  /** Undefined for the Python handler on a machine without boto3. */
  find(name: SubjectName): Subject | undefined {
    return this.built.subjects.find((subject) => subject.name === name);
  }

  get(name: SubjectName): Subject {
    const subject = this.find(name);
    if (subject === undefined) throw new Error(`Expected a handler named ${name}; there is none.`);
    return subject;
  }

  /** Starts an execution environment. @param flags Of Node. */
  startWorker(subject: Subject, flags: readonly string[] = []): Worker {
    this.#workers += 1;
    const log = path.join(this.directory, `${subject.name}-${this.#workers}.log`);
    const command = warmCommand(subject, this.built.runners, flags);
    const environment = { ...lambdaEnvironment(this.stub.address.http), ...subject.environment };
    return new Worker(command, environment, log);
  }
}
