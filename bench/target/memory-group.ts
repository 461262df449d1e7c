import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const MOUNT = '/sys/fs/cgroup'
/** Followed by the id of the process that made it. */
const NAME = 'glasslog-bench-'
const REMOVE_ATTEMPTS = 50
const REMOVE_RETRY_MS = 20

/** Processes that may use so much memory together, page cache included, as a container's may. */
export interface MemoryGroup {
  /** A process is in the group once its id is written here, and so is all that it starts. */
  readonly processesFile: string
  /** The most that was ever used. */
  peakBytes(): number
  /** Removes the group; its processes must have ended. */
  remove(): Promise<void>
}

interface Hierarchy {
  readonly version: 'cgroup v1' | 'cgroup v2'
  /** Where this process may make a group with a limit. */
  readonly parent: string
  readonly limitFile: string
  readonly peakFile: string
}

/** How memory is limited on this machine; null when it cannot be. */
export function memoryLimiting(): Hierarchy['version'] | null {
  return findHierarchy()?.version ?? null
}

/** Makes a group of its own inside of the one that this process is in; null where that cannot be. */
export function createMemoryGroup(limitBytes: number): MemoryGroup | null {
  const hierarchy = findHierarchy()
  if (!hierarchy) return null
  removeLeftGroups(hierarchy.parent)
  const directory = join(hierarchy.parent, `${NAME}${process.pid}-${randomUUID()}`)
  mkdirSync(directory)
  writeFileSync(join(directory, hierarchy.limitFile), String(limitBytes))
  return {
    processesFile: join(directory, 'cgroup.procs'),
    peakBytes: () => Number(readFileSync(join(directory, hierarchy.peakFile), 'utf8')),
    remove: () => removeGroup(directory),
  }
}

/** A bench that was killed leaves its group behind: it goes when the next one comes. */
function removeLeftGroups(parent: string): void {
  for (const entry of readdirSync(parent)) {
    if (!entry.startsWith(NAME)) continue
    const pid = entry.slice(NAME.length).split('-')[0]
    if (existsSync(`/proc/${pid}`)) continue
    try {
      rmdirSync(join(parent, entry))
    } catch {
      // What it started still runs, or somebody else was faster; neither is in the way.
    }
  }
}

/** The kernel may need a moment to let go of a process that has ended. */
async function removeGroup(directory: string): Promise<void> {
  for (let attempt = 1; existsSync(directory); attempt++) {
    try {
      rmdirSync(directory)
    } catch (error) {
      if (attempt === REMOVE_ATTEMPTS) throw error
      await new Promise((resolve) => setTimeout(resolve, REMOVE_RETRY_MS))
    }
  }
}

function findHierarchy(): Hierarchy | null {
  if (!existsSync('/proc/self/cgroup')) return null
  const groups = readFileSync('/proc/self/cgroup', 'utf8')
  return findVersion1(groups) ?? findVersion2(groups)
}

/** Version 1 allows groups inside of a group that has processes. */
function findVersion1(groups: string): Hierarchy | null {
  const path = ownGroup(groups, /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m)
  const mount = join(MOUNT, 'memory')
  if (path === null || !existsSync(join(mount, 'memory.limit_in_bytes'))) return null
  // Inside of a container the path is the host's, and the mount is the container's own group.
  const parent = existsSync(join(mount, path)) ? join(mount, path) : mount
  if (!mayWrite(parent)) return null
  return {
    version: 'cgroup v1',
    parent,
    limitFile: 'memory.limit_in_bytes',
    peakFile: 'memory.max_usage_in_bytes',
  }
}

/** Version 2 has limits only below groups that pass the controller on, which have no processes. */
function findVersion2(groups: string): Hierarchy | null {
  const path = ownGroup(groups, /^0::(.*)$/m)
  if (path === null) return null
  for (let parent = join(MOUNT, path); parent.startsWith(MOUNT); parent = dirname(parent)) {
    const control = join(parent, 'cgroup.subtree_control')
    const passesOn = existsSync(control) && readFileSync(control, 'utf8').includes('memory')
    if (passesOn && mayWrite(parent)) {
      return {
        version: 'cgroup v2',
        parent,
        limitFile: 'memory.max',
        peakFile: 'memory.peak',
      }
    }
  }
  return null
}

function ownGroup(groups: string, line: RegExp): string | null {
  return line.exec(groups)?.[1] ?? null
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(join(directory, 'cgroup.procs'), constants.W_OK)
    return true
  } catch {
    return false
  }
}
