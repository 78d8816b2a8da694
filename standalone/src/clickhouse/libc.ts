import { constants as osConstants } from 'node:os';
import { DataType, load, open } from 'ffi-rs';

const LOCK_EXCLUSIVE_NON_BLOCKING = 2 | 4;

function call(funcName: string, paramsType: DataType[], paramsValue: unknown[]) {
  open({ library: 'libc', path: '' });
  return load<DataType.I32, true>({
    library: 'libc',
    funcName,
    retType: DataType.I32,
    paramsType,
    paramsValue,
    errno: true,
  });
}

/** Takes the exclusive lock of flock(2). @returns false when another process has it. */
export function lockFile(fd: number): boolean {
  const { value, errnoCode } = call(
    'flock',
    [DataType.I32, DataType.I32],
    [fd, LOCK_EXCLUSIVE_NON_BLOCKING],
  );
  if (value === 0) return true;
  if (errnoCode === osConstants.errno.EWOULDBLOCK) return false;
  throw new Error(`the lock file cannot be locked (errno ${errnoCode})`);
}

/** Opens a pipe, as pipe(2) does; Node's own are sockets, which have no path to open them by. */
export function openPipe(): { readFd: number; writeFd: number } {
  const fds = Buffer.alloc(8);
  const { value, errnoCode } = call('pipe', [DataType.U8Array], [fds]);
  if (value !== 0) throw new Error(`no pipe can be opened (errno ${errnoCode})`);
  return { readFd: fds.readInt32LE(0), writeFd: fds.readInt32LE(4) };
}
