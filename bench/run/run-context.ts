import { randomUUID } from 'node:crypto'
import type { Address } from '../client/connections.ts'
import { readProcessUsage } from '../measure/process-usage.ts'
import { Meter } from './meter.ts'

/** How long, and how large. */
export interface RunLimits {
  readonly warmupMs: number
  readonly measureMs: number
  /** Part of what a load writes, opens or creates beforehand: 1 for figures, less to try it out. */
  readonly scale: number
  /** Hears how far the writing beforehand has come, when that takes long. */
  readonly onProgress?: (line: string) => void
}

/** A broker that runs. */
export interface Measured {
  readonly address: Address
  /** The broker's process on this machine; null when it runs elsewhere. */
  readonly pid: number | null
}

/** What the measured time cost. */
export interface Usage {
  readonly brokerCpuSeconds: number | null
  /** At the end of it. */
  readonly brokerResidentBytes: number | null
  readonly generatorCpuSeconds: number
}

/** What every kind of run needs. */
export interface RunContext extends Measured {
  /** A topic that nobody has used; a load that needs more of them adds to its name. */
  readonly topic: string
  readonly limits: RunLimits
  readonly meter: Meter
  /** After this the run has failed, whatever it waits for. */
  readonly limitMs: number
  /** Lets the load warm up, opens the meter, and resolves when the measured time is over. */
  measure(): Promise<Usage>
}

/** Beyond warm-up and measurement: writing what is to be read, and waiting for the last answers. */
const EXTRA_TIME_MS = 120_000
/** A full-sized load may write 10 GB first. */
const EXTRA_TIME_OF_SCALE_MS = 480_000

/** A context with a meter and a topic of its own; a load of several phases makes one for each. */
export function createRunContext(
  name: string,
  { address, pid }: Measured,
  limits: RunLimits,
): RunContext {
  const meter = new Meter()
  const extraMs = EXTRA_TIME_MS + limits.scale * EXTRA_TIME_OF_SCALE_MS
  return {
    address,
    pid,
    topic: `bench-${name}-${randomUUID().slice(0, 8)}`,
    limits,
    meter,
    limitMs: limits.warmupMs + limits.measureMs + extraMs,
    async measure() {
      await sleep(limits.warmupMs)
      const usage = startUsage(pid)
      meter.open(performance.now())
      await sleep(limits.measureMs)
      meter.close(performance.now())
      return usage()
    },
  }
}

/** Starts counting what broker and generator use; the answer ends it. */
export function startUsage(pid: number | null): () => Usage {
  const before = pid === null ? null : readProcessUsage(pid)
  const generator = process.cpuUsage()
  return () => {
    const after = pid === null ? null : readProcessUsage(pid)
    const { user, system } = process.cpuUsage(generator)
    return {
      brokerCpuSeconds: before && after ? after.cpuSeconds - before.cpuSeconds : null,
      brokerResidentBytes: after?.residentBytes ?? null,
      generatorCpuSeconds: (user + system) / 1e6,
    }
  }
}

export function sleep(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs))
}
