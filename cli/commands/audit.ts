import type { HistoryPage, HistoryRecord } from '../../audit/index.ts'
import type { AdminTarget } from '../admin-client.ts'
import { askAdmin, findAdmin } from '../admin-client.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { takeFlag } from '../options.ts'
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

async function target(flags: Flags): Promise<AdminTarget> {
  const dataDir =
    flags.get('data-dir') ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default
  const found = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (found) return found
  throw new CommandFailure(
    `no broker runs on ${dataDir}: start it, or name another with --data-dir DIR or --admin URL --token TOKEN`,
    EXIT.failed,
  )
}

async function list(flags: Flags): Promise<number> {
  const broker = await target(flags)
  const asJson = flags.has('json')
  let left = Number(flags.get('limit') ?? DEFAULT_LIST_RECORDS)
  if (!Number.isSafeInteger(left) || left < 1) {
    throw new CommandFailure('--limit needs a whole number above 0', EXIT.usage)
  }
  if (!asJson) console.log(renderRow(HEAD))
  let cursor = flags.get('cursor') ?? null
  do {
    const page = await readPage(broker, flags, Math.min(left, PAGE_RECORDS), cursor)
    for (const record of page.records) {
      console.log(asJson ? JSON.stringify(record) : renderRow(rowOf(record)))
    }
    left -= page.records.length
    cursor = page.next
  } while (cursor !== null && left > 0)
  return EXIT.ok
}

async function readPage(
  broker: AdminTarget,
  flags: Flags,
  limit: number,
  cursor: string | null,
): Promise<HistoryPage> {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const name of FILTERS) {
    const value = flags.get(name)
    if (value !== undefined) query.set(name, value)
  }
  if (cursor !== null) query.set('cursor', cursor)
  return (await askAdmin(broker, `/v1/audit?${query}`)) as HistoryPage
}

async function show(seq: string, flags: Flags): Promise<number> {
  console.log(JSON.stringify(await askAdmin(await target(flags), `/v1/audit/${seq}`), null, 2))
  return EXIT.ok
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
