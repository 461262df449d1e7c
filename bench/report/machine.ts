import { cpus, release, totalmem, type } from 'node:os'
import type { FdatasyncTime } from '../measure/fdatasync.ts'
import { isHeldToTwoCores } from '../target/two-cores.ts'

/** The machine in one line: a figure means nothing without it. */
export function describeMachine(): string {
  const all = cpus()
  const memoryGib = Math.round(totalmem() / 1024 ** 3)
  return `${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${memoryGib} GiB, ${type()} ${release()}, Node.js ${process.version}`
}

/** Which cores ran what. */
export function describeCores(): string {
  return isHeldToTwoCores()
    ? 'broker on cores 0 and 1 (taskset); clients on any core, so on the same two where there are only two'
    : 'broker and clients on any core: taskset is missing here'
}

export function describeFdatasync({ calls, p50Ms, p99Ms }: FdatasyncTime): string {
  return `4 KiB + fdatasync on the bare disk: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms (${calls} calls)`
}
