import { dirname } from 'node:path'
import type { IncomingAlert } from '../alerting/index.ts'
import type { Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import type { AdminClient } from './cluster/index.ts'
import type { DiskAlert, DriverSettings, UsagePoint } from './disk/index.ts'
import { ActionBook, createDiskBroker, createDrivers, DiskKeeper } from './disk/index.ts'
import type { Outbox } from './outbox/index.ts'
import { PromqlEngine } from './promql/index.ts'
import type { SeriesStore } from './series/index.ts'

export interface DiskSettings {
  /** How often the disk is looked at. */
  readonly checkIntervalMs: number
  /** How long a size that was asked for may take to be there. */
  readonly arrivalTimeoutMs: number
  readonly drivers: DriverSettings
}

export interface KeepDiskOptions {
  /** Of the monitor, in the broker's data directory. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly externalUrl: string
  readonly disk: DiskSettings
}

export interface KeepDiskParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  readonly admin: AdminClient
  readonly outbox: Outbox
  readonly store: SeriesStore
  readonly receive: (alerts: readonly IncomingAlert[]) => Promise<unknown>
}

/** What the keeper tells of the disk at `/metrics` of the monitor, which scrapes itself. */
export const DISK_USED_BYTES = 'glasslog_monitor_disk_used_bytes'

const MINUTE_MS = 60_000
/** A day shows what hours of work and rest come to; a monitor that has just begun has but minutes. */
const RANGES = [
  { lengthMs: 24 * 60 * MINUTE_MS, stepMs: 5 * MINUTE_MS, leastPoints: 24 },
  { lengthMs: 2 * 60 * MINUTE_MS, stepMs: MINUTE_MS / 4, leastPoints: 0 },
] as const

/** Looks after the broker's disk by its policy. Rejects with an ActionBookVersionError, or the disk's error. */
export async function keepDisk(
  options: KeepDiskOptions,
  parts: KeepDiskParts,
): Promise<DiskKeeper> {
  const { clock, admin, outbox, receive } = parts
  const { environment, externalUrl } = options
  const broker = createDiskBroker(admin, outbox)
  const directory = dirname(options.directory)
  return new DiskKeeper(
    {
      ...parts,
      broker,
      drivers: createDrivers(options.disk.drivers, { broker, clock, environment, directory }),
      book: await ActionBook.open(parts.disk, options.directory),
      usageHistory: () => usageHistory(parts.store, clock.now()),
      notify: async (alert) => {
        await receive([incoming(alert, externalUrl)])
      },
    },
    options.disk,
  )
}

async function usageHistory(store: SeriesStore, nowMs: number): Promise<readonly UsagePoint[]> {
  const planner = new PromqlEngine({ select: () => [] })
  const expression = `max(${DISK_USED_BYTES})`
  let points: UsagePoint[] = []
  for (const { lengthMs, stepMs, leastPoints } of RANGES) {
    const range = [expression, nowMs - lengthMs, nowMs, stepMs] as const
    const { value } = new PromqlEngine(await store.view(planner.selections(...range))).range(
      ...range,
    )
    const [series] = value.type === 'matrix' ? value.series : []
    points = (series?.points ?? []).map(([atMs, usedBytes]) => ({ atMs, usedBytes }))
    if (points.length > leastPoints) break
  }
  return points
}

function incoming(alert: DiskAlert, externalUrl: string): IncomingAlert {
  const generatorUrl = `${externalUrl}/graph?g0.expr=${encodeURIComponent(DISK_USED_BYTES)}`
  return { ...alert, generatorUrl }
}
