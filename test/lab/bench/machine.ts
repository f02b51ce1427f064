import { spawnSync } from 'node:child_process';
import os from 'node:os';

/** The machine that was measured on, and how busy it was with other things. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Undefined without Python or boto3. */
  readonly python?: string;
  /** Load average over the minute before the bench. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const cpus = os.cpus();
  const python = pythonVersion();
  return {
    processor: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    ...(python !== undefined && { python }),
    loadBefore: os.loadavg()[0] ?? 0,
  };
}

function pythonVersion(): string | undefined {
  const script = 'import boto3, platform; print(f"{platform.python_version()} with boto3 {boto3.__version__}")';
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
