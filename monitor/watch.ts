import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { AlertingPipeline } from '../alerting/index.ts'
import type { Cleanups, Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import { randomUuid } from '../kit/index.ts'
import { accountOf } from './api/authentication.ts'
import type { FindAdmin } from './cluster/index.ts'
import { AdminClient, storeQuery } from './cluster/index.ts'
import { addDiagnoseApi } from './diagnose/index.ts'
import type { NotedAlert, TicketThreshold } from './inspections/index.ts'
import {
  AlertInspections,
  addInspectionsApi,
  FindingBook,
  Inspector,
  inspectionFamilies,
  openTickets,
  scheduleInspections,
  ticketAbout,
} from './inspections/index.ts'
import { addLagApi, LagTracker } from './lag/index.ts'
import type { Family } from './metrics/index.ts'
import { findingHistoryOperation } from './operation-history.ts'
import type { HistoryOperation } from './outbox/index.ts'
import type { ProbeLogin } from './probe/index.ts'
import {
  ensureProbeTopic,
  findProbeEndpoint,
  openKafkaLink,
  Probe,
  probeGroup,
} from './probe/index.ts'
import type { SeriesStore } from './series/index.ts'

/** How the monitor watches beyond metrics and rules. */
export interface WatchOptions {
  readonly lagIntervalMs: number
  /** 0 does not probe. */
  readonly probeIntervalMs: number
  readonly probeTopic: string
  readonly probeLogin: ProbeLogin
  /** A cron expression; empty inspects only when asked. */
  readonly inspectionSchedule: string
  readonly inspectionTickets: TicketThreshold
  /** What the machine is meant to take and give each second; 0 where nobody has said. */
  readonly produceBytesPerSecond: number
  readonly consumeBytesPerSecond: number
}

export interface WatchParts {
  /** Holds what inspections found. */
  readonly directory: string
  readonly version: string
  /** Random, and the same for as long as the monitor keeps its directory. */
  readonly instance: string
  readonly externalUrl: string
  readonly findBroker: FindAdmin
  readonly store: SeriesStore
  readonly pipeline: Pick<AlertingPipeline, 'tickets'>
  /** Takes what the history of the broker is to have. */
  readonly record: (operation: HistoryOperation) => Promise<void>
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface Watch {
  readonly families: readonly Family[]
  addRoutes(app: FastifyInstance): void
  /** Takes what an evaluation of a rule found: what begins to fire is inspected. */
  noteAlerts(alerts: readonly NotedAlert[]): void
  /** Begins to look by itself. */
  start(cleanups: Cleanups): Promise<void>
}

/** A record of the probe that takes longer than this is lost. */
const PROBE_TIMEOUT_MS = 10_000

/**
 * Lag, the probe, inspections and diagnoses: what looks at the broker as its users do.
 * @throws FindingsVersionError
 */
export async function openWatch(options: WatchOptions, parts: WatchParts): Promise<Watch> {
  const { clock, timers, logger, store, pipeline, externalUrl } = parts
  const admin = new AdminClient(parts.findBroker)
  const query = storeQuery(store, clock)
  const lags = new LagTracker({ admin, query, clock, logger })
  const probe = createProbe(options, admin, parts)
  const book = await FindingBook.open(parts.disk, join(parts.directory, 'inspections'))
  const inspector = new Inspector({
    ...{ admin, query, book, clock, logger, lags: () => lags.all() },
    settings: {
      version: parts.version,
      produceBytesPerSecond: options.produceBytesPerSecond,
      consumeBytesPerSecond: options.consumeBytesPerSecond,
    },
    onRaised: (raised) => openTickets(pipeline, raised, options.inspectionTickets, externalUrl),
  })
  const onAlerts = new AlertInspections({ inspector, clock, timers, logger })
  return {
    families: [
      ...probe.stats.families(),
      ...inspectionFamilies({
        findings: () => book.all(),
        lastReport: () => inspector.lastReport,
      }),
    ],
    addRoutes(app) {
      addLagApi(app, lags)
      addDiagnoseApi(app, inspector)
      addInspectionsApi(app, {
        ...{ inspector, book, admin, clock, actorOf: accountOf },
        record: (operation) => {
          const told = { id: randomUuid(parts.random), occurredAtMs: clock.now() }
          return parts.record(findingHistoryOperation(operation, told))
        },
        openTicket: (finding, actor) => ticketAbout(pipeline, finding, actor, externalUrl),
      })
    },
    noteAlerts(alerts) {
      // Who wants no inspections by themselves gets none.
      if (options.inspectionSchedule !== '') onAlerts.note(alerts)
    },
    async start(cleanups) {
      cleanups.add('lag', lags.start(timers, options.lagIntervalMs))
      if (options.probeIntervalMs > 0) {
        cleanups.add('records of the probe', () => probe.stop())
        cleanups.add('probe', probe.start())
      }
      if (options.inspectionSchedule !== '') {
        const stop = await scheduleInspections(inspector, options.inspectionSchedule, logger)
        cleanups.add('inspections', stop)
        cleanups.add('inspections of alerts', () => onAlerts.stop())
      }
    },
  }
}

function createProbe(
  { probeIntervalMs, probeTopic, probeLogin }: WatchOptions,
  admin: AdminClient,
  { clock, timers, random, logger, instance }: WatchParts,
): Probe {
  const route = {
    topic: probeTopic,
    group: probeGroup(instance),
    timeoutMs: PROBE_TIMEOUT_MS,
  }
  return new Probe(
    { intervalMs: probeIntervalMs, timeoutMs: PROBE_TIMEOUT_MS },
    {
      ...{ clock, timers, random, logger },
      async open(onRecord) {
        await ensureProbeTopic(admin, probeTopic)
        const endpoint = await findProbeEndpoint(admin, probeLogin)
        return openKafkaLink(endpoint, route, onRecord)
      },
    },
  )
}
