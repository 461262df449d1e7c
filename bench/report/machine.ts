import { cpus, release, totalmem, type } from 'node:os'
import type { FdatasyncTime } from '../measure/fdatasync.ts'

/** The machine in one line: a figure means nothing without it. */
export function describeMachine(): string {
  const all = cpus()
  const memoryGib = Math.round(totalmem() / 1024 ** 3)
  return `${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${memoryGib} GiB, ${type()} ${release()}, Node.js ${process.version}`
}

export function describeFdatasync({ calls, p50Ms, p99Ms }: FdatasyncTime): string {
  return `4 KiB + fdatasync on the bare disk: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms (${calls} calls)`
}
