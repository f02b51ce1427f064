import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startTableServer, type TableServer } from '../../../../src/local/servers/table-server.ts';

/** A table server that keeps its tables on disk, and can be stopped in the middle of everything and started again. */
export class RestartingTable {
  readonly #directory: string;
  #server: TableServer;
  #restarting: Promise<void> = Promise.resolve();
  #isDown = false;
  readonly #calls = new Set<Promise<unknown>>();

  static async start(): Promise<RestartingTable> {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'upload-ledger-chaos-'));
    return new RestartingTable(directory, await startTableServer({ path: directory }));
  }

  private constructor(directory: string, server: TableServer) {
    this.#directory = directory;
    this.#server = server;
  }

  /** Changes with each restart. */
  get endpoint(): string {
    return this.#server.endpoint;
  }

  /** Lets a call through to the table. @throws Error while it is down. */
  async call<T>(send: (endpoint: string) => Promise<T>): Promise<T> {
    if (this.#isDown) throw new Error('The table is down.');
    const call = send(this.#server.endpoint);
    this.#calls.add(call);
    return call.finally(() => this.#calls.delete(call));
  }

  /**
   * Refuses connections, stops, and starts again with what was on disk. What is being carried out is finished first: the emulator ends
   * the process when its store is closed under a call.
   */
  restart(): Promise<void> {
    this.#restarting = this.#restarting.then(async () => {
      this.#isDown = true;
      await Promise.allSettled(this.#calls);
      await this.#server.close();
      this.#server = await startTableServer({ path: this.#directory });
      this.#isDown = false;
    });
    return this.#restarting;
  }

  async close(): Promise<void> {
    await this.#restarting;
    this.#isDown = true;
    await Promise.allSettled(this.#calls);
    await this.#server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
