import { readFileSync } from 'node:fs'

/** Linux counts CPU time in ticks of 1/100 s for user space on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

export interface ProcessUsage {
  /** User and system time of all threads since the process started. */
  readonly cpuSeconds: number
  /** Memory that is resident now. */
  readonly residentBytes: number
}

/** What a process has used, from /proc; null where there is none (not Linux, or already gone). */
export function readProcessUsage(pid: number): ProcessUsage | null {
  try {
    return {
      cpuSeconds: parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      residentBytes: parseResidentBytes(readFileSync(`/proc/${pid}/status`, 'utf8')),
    }
  } catch {
    return null
  }
}

/** `utime` and `stime`, fields 14 and 15 of proc_pid_stat(5); the name before may hold spaces. */
export function parseCpuSeconds(stat: string): number {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(afterName[11]) + Number(afterName[12])) / TICKS_PER_SECOND
}

/** `VmRSS` of proc_pid_status(5), in kB there. */
export function parseResidentBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}
