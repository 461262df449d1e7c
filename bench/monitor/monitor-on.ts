import { join } from 'node:path'
import { readProcessUsage } from '../measure/process-usage.ts'
import { spawnBroker } from '../target/broker-process.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.mjs')
/** As the supervisor starts it (cli/memory-flags.mjs). */
const MEMORY_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=20']
const READY_LINE = /^glasslog ready console=(\S+)/
const MIB = 1024 ** 2

export interface MonitorOn {
  readonly pid: number
  readonly url: string
  stop(): Promise<unknown>
}

/** Starts a monitor, as its command does, beside the broker of a data directory. */
export async function startMonitorOn(
  directory: string,
  flags: readonly string[] = [],
): Promise<MonitorOn> {
  const ports = ['--console-port', '0']
  const words = [
    ...[process.execPath, ...MEMORY_FLAGS, MAIN, 'monitor', '--data-dir', directory],
    ...[...ports, ...flags],
  ]
  const monitor = spawnBroker('Glasslog', words)
  const [, url = ''] = await monitor.waitForLine(READY_LINE)
  return { pid: monitor.pid, url, stop: () => monitor.stop() }
}

export interface MonitorCost {
  /** Of one core, all threads together. */
  readonly cpuPercent: number
  readonly residentMib: number
  /** Most that was seen. */
  readonly peakMib: number
}

/** What a process takes over some seconds, looked at each of them. */
export async function costOver(pid: number, seconds: number): Promise<MonitorCost> {
  const before = readProcessUsage(pid)
  const startedMs = performance.now()
  let peakBytes = 0
  let last = before
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    last = readProcessUsage(pid)
    peakBytes = Math.max(peakBytes, last?.residentBytes ?? 0)
  }
  if (before === null || last === null) throw new Error('the process has ended')
  const passedSeconds = (performance.now() - startedMs) / 1_000
  return {
    cpuPercent: (100 * (last.cpuSeconds - before.cpuSeconds)) / passedSeconds,
    residentMib: last.residentBytes / MIB,
    peakMib: peakBytes / MIB,
  }
}
