import type { HistoryPage, HistoryRecord } from '../../audit/index.ts'
import { HistoryQueryError, parseHistoryQuery, queryHistory } from '../../audit/index.ts'
import type { StoppedHistory } from '../../broker/index.ts'
import { openStoppedHistory } from '../../broker/index.ts'
import { createLogger } from '../../kit/index.ts'
import type { AdminTarget } from '../admin-client.ts'
import { askAdmin, findAdmin } from '../admin-client.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { explained } from '../explained.ts'
import { takeFlag } from '../options.ts'
import { machine } from '../platform.ts'
import { processConfig } from '../process-config.ts'

/** Filters of `audit list`: the query parameters of `GET /v1/audit`. */
const FILTERS = [
  'from',
  'to',
  'principal',
  'operation',
  'resource',
  'outcome',
  'q',
  'order',
  'cursor',
]

const CONNECTION_FLAGS = ['admin', 'token', 'data-dir']

const DEFAULT_LIST_RECORDS = 100
const PAGE_RECORDS = 1000

/** `glasslog audit list` and `glasslog audit show SEQ` */
export async function audit(args: readonly string[]): Promise<number> {
  const [action, ...rest] = args
  if (action === 'list') return list(parseFlags(rest, [...FILTERS, 'limit', 'json']))
  if (action === 'show') {
    const [seq, ...flags] = rest
    if (seq === undefined || !/^\d+$/.test(seq)) {
      throw new CommandFailure('audit show needs a sequence number', EXIT.usage)
    }
    return show(seq, parseFlags(flags, []))
  }
  throw new CommandFailure(
    'audit needs an action: list or show\nTry: glasslog audit --help',
    EXIT.usage,
  )
}

type Flags = ReadonlyMap<string, string>

function parseFlags(args: readonly string[], allowed: readonly string[]): Flags {
  const flags = new Map<string, string>()
  const queue = [...args]
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    const [name, value] = arg === '--json' ? ['json', 'true'] : takeFlag(arg, queue)
    if (!allowed.includes(name) && !CONNECTION_FLAGS.includes(name)) {
      throw new CommandFailure(`unknown flag: --${name}\nTry: glasslog audit --help`, EXIT.usage)
    }
    flags.set(name, value)
  }
  return flags
}

/** Where records come from: a broker's admin API, or the directory of a broker that does not run. */
interface RecordSource {
  page(query: Readonly<Record<string, string>>): Promise<HistoryPage>
  record(seq: string): Promise<HistoryRecord>
  close(): Promise<void>
}

async function openSource(flags: Flags): Promise<RecordSource> {
  const dataDir =
    flags.get('data-dir') ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default
  const admin = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (admin) return adminSource(admin)
  try {
    const stopped = await openStoppedHistory(dataDir, machine(createLogger('error')))
    if (stopped) return stoppedSource(stopped)
  } catch (error) {
    throw explained(error, dataDir)
  }
  throw new CommandFailure(
    `no broker runs on ${dataDir}, and it is not a data directory: name another with --data-dir DIR or --admin URL --token TOKEN`,
    EXIT.failed,
  )
}

function adminSource(admin: AdminTarget): RecordSource {
  return {
    page: async (query) =>
      (await askAdmin(admin, `/v1/audit?${new URLSearchParams(query)}`)) as HistoryPage,
    record: async (seq) => (await askAdmin(admin, `/v1/audit/${seq}`)) as HistoryRecord,
    close: async () => {},
  }
}

function stoppedSource({ history, close }: StoppedHistory): RecordSource {
  return {
    async page(query) {
      try {
        return await queryHistory(history, parseHistoryQuery(query))
      } catch (error) {
        if (!(error instanceof HistoryQueryError)) throw error
        throw new CommandFailure(error.message, EXIT.usage)
      }
    },
    async record(seq) {
      const [entry] = await history.read(Number(seq), 1)
      if (entry) return entry.record
      throw new CommandFailure(`the history ends before record ${seq}`, EXIT.failed)
    },
    close,
  }
}

async function list(flags: Flags): Promise<number> {
  let left = Number(flags.get('limit') ?? DEFAULT_LIST_RECORDS)
  if (!Number.isSafeInteger(left) || left < 1) {
    throw new CommandFailure('--limit needs a whole number above 0', EXIT.usage)
  }
  const asJson = flags.has('json')
  const filters = FILTERS.flatMap((name) => {
    const value = flags.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const query: Record<string, string> = Object.fromEntries(filters)
  const source = await openSource(flags)
  try {
    if (!asJson) console.log(renderRow(HEAD))
    for (;;) {
      const page = await source.page({ ...query, limit: String(Math.min(left, PAGE_RECORDS)) })
      for (const record of page.records) {
        console.log(asJson ? JSON.stringify(record) : renderRow(rowOf(record)))
      }
      left -= page.records.length
      if (page.next === null || left === 0) return EXIT.ok
      query.cursor = page.next
    }
  } finally {
    await source.close()
  }
}

async function show(seq: string, flags: Flags): Promise<number> {
  const source = await openSource(flags)
  try {
    console.log(JSON.stringify(await source.record(seq), null, 2))
    return EXIT.ok
  } finally {
    await source.close()
  }
}

type Row = readonly [
  seq: string,
  time: string,
  who: string,
  what: string,
  on: string,
  result: string,
]

const HEAD: Row = ['SEQ', 'TIME', 'PRINCIPAL', 'OPERATION', 'RESOURCE', 'OUTCOME']
const WIDTHS = [6, 24, 20, 24, 32] as const

function rowOf(record: HistoryRecord): Row {
  const { kind, name } = record.resource
  const { code, message } = record.outcome
  return [
    String(record.seq),
    record.recordedAt,
    record.actor.principal,
    record.operation,
    `${kind}:${name}`,
    message === null ? code : `${code} (${message})`,
  ]
}

function renderRow(row: Row): string {
  return row
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join(' ')
    .trimEnd()
}
