import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A network of two ends on this machine: here, and a namespace in which the Collector runs. */
export interface Network {
  /** The address of this end, where failtrace listens. */
  here: string;
  /** The address of the other end. */
  there: string;
  /** Runs a command at the other end. */
  prefix: readonly string[];
  /** Lets no more through from there to here than so many Mbit a second. */
  limit(megabits: number): void;
  /** Bytes that came from there so far, with all headers. */
  receivedBytes(): number;
  close(): void;
}

const NAMESPACE = 'failtrace-bench';
const HERE = 'ft-bench0';
const THERE = 'ft-bench1';
/** Of the block for measurements (RFC 2544), so they are nobody's. */
const addresses = { here: '198.18.0.1', there: '198.18.0.2' } as const;

/** Needs root, and `ip` and `tc` of iproute2. @throws when the machine does not let it */
export function createNetwork(): Network {
  const run = (command: string) => {
    const [name = '', ...args] = command.split(' ');
    execFileSync(name, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const there = `ip netns exec ${NAMESPACE}`;
  const close = () => run(`ip netns del ${NAMESPACE}`);
  run(`ip netns add ${NAMESPACE}`);
  try {
    run(`ip link add ${HERE} type veth peer name ${THERE} netns ${NAMESPACE}`);
    run(`ip addr add ${addresses.here}/30 dev ${HERE}`);
    run(`ip link set ${HERE} up`);
    run(`${there} ip addr add ${addresses.there}/30 dev ${THERE}`);
    run(`${there} ip link set ${THERE} up`);
    run(`${there} ip link set lo up`);
  } catch (error) {
    close();
    throw error;
  }
  return {
    ...addresses,
    prefix: there.split(' '),
    limit: (megabits) =>
      run(
        `${there} tc qdisc replace dev ${THERE} root tbf rate ${megabits}mbit burst 512kb latency 100ms`,
      ),
    receivedBytes: () =>
      Number(readFileSync(`/sys/class/net/${HERE}/statistics/rx_bytes`, 'utf8').trim()),
    close,
  };
}
