import { readdirSync, readFileSync } from 'node:fs'
import { BenchError } from '../client/bench-error.ts'

export interface TreeMemory {
  /** Resident memory, pages that processes share counted for each. */
  readonly residentBytes: number
  /** Proportional set size: shared pages divided by those who share them. */
  readonly proportionalBytes: number
}

/** Memory of a process and all that it started, from /proc. Throws a BenchError where there is none. */
export function readTreeMemory(pid: number): TreeMemory {
  const memory = processTree(pid).map((one) => {
    const rollup = readProc(`/proc/${one}/smaps_rollup`)
    return {
      residentBytes: parseRollup(rollup, 'Rss'),
      proportionalBytes: parseRollup(rollup, 'Pss'),
    }
  })
  return {
    residentBytes: memory.reduce((sum, one) => sum + one.residentBytes, 0),
    proportionalBytes: memory.reduce((sum, one) => sum + one.proportionalBytes, 0),
  }
}

/** One line of proc_pid_smaps_rollup(5), in bytes. */
export function parseRollup(rollup: string, name: 'Rss' | 'Pss'): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) * 1024
}

function processTree(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readProc(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processTree)]
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new BenchError(`memory cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}
