import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Certificate } from './certificate.ts';
import type { StubAddress, StubBehaviour, StubCounts } from './protocol.ts';

/** The stub's process, seen from the bench. */
export class Stub implements Disposable {
  readonly #process: ChildProcess;
  readonly address: StubAddress;

  constructor(child: ChildProcess, address: StubAddress) {
    this.#process = child;
    this.address = address;
  }

  /** Tells the stub how to behave, and resolves with what it has counted before that. */
  async behave(behaviour: Partial<StubBehaviour>): Promise<StubCounts> {
    this.#process.send({ delay: 0, unprocessed: 0, keepItems: false, ...behaviour });
    const [counts] = await once(this.#process, 'message');
    return counts;
  }

  [Symbol.dispose](): void {
    this.#process.disconnect();
  }
}

/** Starts the stub, with HTTPS beside HTTP when there is a certificate. */
export async function startStub(certificate: Certificate | undefined): Promise<Stub> {
  const script = path.join(import.meta.dirname, 'dynamodb-stub.ts');
  const child = fork(script, certificate === undefined ? [] : [certificate.key, certificate.certificate]);
  const [address] = await once(child, 'message');
  return new Stub(child, address);
}
