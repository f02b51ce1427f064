import { connect } from 'node:net';

/** Longest wait for a connection on this machine, in milliseconds. One that is there answers within one. */
const CONNECT_MILLISECONDS = 2_000;

/** Whether a process of this id exists, whoever it belongs to. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, but it is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether something listens at `address`, such as `http://127.0.0.1:41234`. */
export async function answersAt(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 80) });
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(CONNECT_MILLISECONDS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
