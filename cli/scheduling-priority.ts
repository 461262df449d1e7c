import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** How niceness is looked at and set, of a process or a Linux thread by its number; 0 is who asks. Both may throw. */
export interface PrioritySystem {
  niceness(id: number): number
  setNiceness(id: number, niceness: number): void
  /** Numbers of this process's threads; none where they are not told apart. */
  threads(): readonly number[]
}

const SYSTEM: PrioritySystem = {
  niceness: getPriority,
  setNiceness: setPriority,
  threads: () => (process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : []),
}

/**
 * Lets other processes go first where all want the same cores; never the other way round, so that a process which was
 * started with a lower priority keeps it. On Linux niceness is a thread's own, and a thread takes that of the one that begins
 * it (sched(7)): those that are there already, as V8's helpers, are told one by one. Answers why it could not be done; null
 * when it was.
 */
export function lowerPriority(niceness: number, system: PrioritySystem = SYSTEM): Error | null {
  try {
    for (const id of new Set([0, ...system.threads()])) lowerOne(id, niceness, system)
    return null
  } catch (error) {
    // Some sandboxes refuse these calls; being as important as others is no reason not to run.
    return error instanceof Error ? error : new Error(String(error))
  }
}

function lowerOne(id: number, niceness: number, system: PrioritySystem): void {
  try {
    if (system.niceness(id) < niceness) system.setNiceness(id, niceness)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** A thread that ended after it was listed. */
function isGone(error: unknown): boolean {
  return error instanceof Error && /\bESRCH\b/.test(error.message)
}
