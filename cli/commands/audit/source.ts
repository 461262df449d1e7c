import type {
  EventFormat,
  HistoryPage,
  HistoryRecord,
  HistoryTrail,
  Json,
  Resource,
} from '../../../audit/index.ts'
import {
  diffStates,
  EXPORT_FILTERS,
  exportEvents,
  exportMatching,
  HistoryQueryError,
  MomentError,
  parseHistoryQuery,
  parseMoment,
} from '../../../audit/index.ts'
import { openStoppedHistory } from '../../../broker/index.ts'
import { createLogger } from '../../../kit/index.ts'
import type { AdminTarget } from '../../admin-client.ts'
import { askAdmin, findAdmin, streamAdmin } from '../../admin-client.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { explained } from '../../explained.ts'
import { machine } from '../../platform.ts'
import { processConfig } from '../../process-config.ts'
import type { Flags } from './flags.ts'

export interface StateResource {
  readonly resource: Resource
  readonly value: Json
  readonly seq: number
}

export interface StatePage {
  readonly seq: number
  readonly hash: string
  readonly resources: readonly StateResource[]
  readonly next: string | null
}

export interface Diff {
  readonly from: number
  readonly to: number
  readonly changes: readonly {
    readonly resource: Resource
    readonly from: Json
    readonly to: Json
  }[]
}

interface DiffPage extends Diff {
  readonly next: string | null
}

const PAGE_CHANGES = '1000'

export type Parameters = Readonly<Record<string, string>>

/** Where the history is read: a broker's admin API, or the directory of a broker that does not run. */
export interface HistorySource {
  page(query: Parameters): Promise<HistoryPage>
  record(seq: string): Promise<HistoryRecord>
  state(query: Parameters): Promise<StatePage>
  diff(from: string, to: string | undefined): Promise<Diff>
  /** The bytes of an export; `query` has format, from, to, and filters for events. */
  export(query: Parameters): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Finds the broker that runs on the data directory or was named, else opens the directory itself. */
export async function openSource(flags: Flags): Promise<HistorySource> {
  const dataDir =
    flags.get('data-dir') ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default
  const admin = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (admin) return adminSource(admin)
  try {
    const stopped = await openStoppedHistory(dataDir, machine(createLogger('error')))
    if (stopped) return stoppedSource(stopped.trail, () => stopped.close())
  } catch (error) {
    throw explained(error, dataDir)
  }
  throw new CommandFailure(
    `no broker runs on ${dataDir}, and it is not a data directory: name another with --data-dir DIR or --admin URL --token TOKEN`,
    EXIT.failed,
  )
}

/** The answers have the shapes that the admin API's schemas give them. */
function adminSource(admin: AdminTarget): HistorySource {
  const ask = (path: string, query: Parameters = {}): Promise<unknown> =>
    askAdmin(admin, `${path}?${new URLSearchParams(query)}`)
  return {
    page: async (query) => (await ask('/v1/audit', query)) as HistoryPage,
    record: async (seq) => (await ask(`/v1/audit/${seq}`)) as HistoryRecord,
    state: async (query) => (await ask('/v1/audit/state', query)) as StatePage,
    diff: (from, to) => wholeDiff(ask, { from, ...(to === undefined ? {} : { to }) }),
    export: (query) => streamAdmin(admin, `/v1/audit/export?${new URLSearchParams(query)}`),
    close: async () => {},
  }
}

/** All pages. The moments stay the same however long the reading takes. */
async function wholeDiff(
  ask: (path: string, query: Parameters) => Promise<unknown>,
  moments: Parameters,
): Promise<Diff> {
  const read = async (query: Parameters): Promise<DiffPage> =>
    (await ask('/v1/audit/diff', { limit: PAGE_CHANGES, ...query })) as DiffPage
  const { from, to, ...first } = await read(moments)
  const changes = [...first.changes]
  for (let { next } = first; next !== null; ) {
    const page = await read({ from: String(from), to: String(to), cursor: next })
    changes.push(...page.changes)
    next = page.next
  }
  return { from, to, changes }
}

function stoppedSource(trail: HistoryTrail, close: () => Promise<void>): HistorySource {
  return {
    page: (query) => asked(async () => trail.query(parseHistoryQuery(query))),
    async record(seq) {
      const [entry] = await trail.history.read(Number(seq), 1)
      if (entry) return entry.record
      throw new CommandFailure(`the history ends before record ${seq}`, EXIT.failed)
    },
    state: ({ at, kind }) =>
      asked(async () => {
        const state = await trail.stateAt(at === undefined ? newest(trail) : parseMoment(at))
        const resources = [...state.entries()]
          .filter(({ resource }) => kind === undefined || resource.kind === kind)
          .sort((one, other) => (one.key < other.key ? -1 : 1))
        return { seq: state.seq, hash: state.hash(), resources, next: null }
      }),
    diff: (from, to) =>
      asked(async () => {
        const before = await trail.stateAt(parseMoment(from))
        const after = await trail.stateAt(to === undefined ? newest(trail) : parseMoment(to))
        return { from: before.seq, to: after.seq, changes: diffStates(before, after) }
      }),
    export({ format = 'jsonl', from = '0', to, ...filters }) {
      const end = to === undefined ? undefined : Number(to)
      if (format === 'jsonl') return trail.export(Number(from), end)
      if (EXPORT_FILTERS.some((name) => filters[name] !== undefined)) {
        const filter = parseHistoryQuery(filters)
        return exportMatching(trail, format as EventFormat, filter, Number(from), end)
      }
      return exportEvents(trail, format as EventFormat, Number(from), end)
    },
    close,
  }
}

const newest = (trail: HistoryTrail) => ({ seq: trail.state.seq })

/** What the caller got wrong, in words. */
async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof HistoryQueryError || error instanceof MomentError)) throw error
    throw new CommandFailure(error.message, EXIT.usage)
  }
}
