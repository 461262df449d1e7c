import { spawnSync } from 'node:child_process'
import type { MemoryGroup } from './memory-group.ts'
import { createMemoryGroup, memoryLimiting } from './memory-group.ts'

/** The cores that every broker gets, whatever the machine has. */
const CORES = '0,1'
/** The memory that every broker gets, its page cache included. */
const MEMORY_BYTES = 4 * 1024 ** 3

/** Joins the group whose file is its first word, then becomes the command that is the rest. */
const ENTER_GROUP = 'echo $$ >"$0" && exec "$@"'

/** What a broker's processes are held to together: two cores and 4 GiB, where the machine can. */
export interface Confinement {
  /** A command that runs inside; whatever it starts stays inside, and it dies with this process. */
  confine(command: readonly string[]): readonly string[]
  /** The most memory that was used at once; null where memory is not limited. */
  peakBytes(): number | null
  /** Takes it down; its processes must have ended. Idempotent. */
  remove(): Promise<void>
}

/** Makes a confinement for one broker. Whoever makes it must remove it. */
export function createConfinement(): Confinement {
  const group: MemoryGroup | null = createMemoryGroup(MEMORY_BYTES)
  const enter = group ? ['sh', '-c', ENTER_GROUP, group.processesFile] : []
  return {
    confine: (command) => [...dyingWithParent(), ...enter, ...onTwoCores(command)],
    peakBytes: () => group?.peakBytes() ?? null,
    remove: async () => group?.remove(),
  }
}

/** Where brokers run and what they may use, in one line. */
export function describeConfinement(): string {
  const version = memoryLimiting()
  const memory = version
    ? `held to ${MEMORY_BYTES / 1024 ** 3} GiB of memory with its page cache (${version})`
    : 'memory not limited: no cgroup can be made here'
  return isHeldToTwoCores()
    ? `broker on cores ${CORES} (taskset), ${memory}; clients on any core, so on the same two where there are only two`
    : `broker and clients on any core: taskset is missing here; ${memory}`
}

/** A command held to two cores, or as it is where `taskset` is missing (not Linux). */
export function onTwoCores(command: readonly string[]): readonly string[] {
  return isHeldToTwoCores() ? ['taskset', '-c', CORES, ...command] : command
}

const found = new Map<string, boolean>()

function works(command: readonly string[]): boolean {
  const [name = '', ...args] = command
  const known = found.get(name) ?? spawnSync(name, args).status === 0
  found.set(name, known)
  return known
}

function isHeldToTwoCores(): boolean {
  return works(['taskset', '-c', CORES, 'true'])
}

/** A bench that is killed cannot clean up: its broker must not outlive it all the same. */
function dyingWithParent(): readonly string[] {
  const prefix = ['setpriv', '--pdeathsig', 'KILL']
  return works([...prefix, 'true']) ? prefix : []
}
