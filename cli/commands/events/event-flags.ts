import type { AdminTarget } from '../../admin-client.ts'
import { findAdmin } from '../../admin-client.ts'
import type { Flags } from '../../arguments.ts'
import { parseArguments, wrongUsage } from '../../arguments.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'
import { processConfig } from '../../process-config.ts'

/** What both actions are given. */
export interface EventFlags {
  /** The query of `GET /v1/events`. */
  readonly query: Readonly<Record<string, string>>
  /** How many at most; null for no limit. */
  readonly limit: number | null
  readonly asJson: boolean
  readonly flags: Flags
}

/** Filters of `GET /v1/events` that restrict streams and pages. */
export const EVENT_FILTERS: readonly string[] = ['kind', 'severity', 'resource', 'from', 'q']
const TARGET_FLAGS = ['admin', 'token', 'data-dir']

/** Reads the arguments of an action. Throws a CommandFailure for others than those filters. */
export function parseEventFlags(args: readonly string[], filters: readonly string[]): EventFlags {
  const { flags, words } = parseArguments(args, {
    command: 'events',
    valued: [...filters, 'limit', ...TARGET_FLAGS],
    switches: ['json'],
  })
  if (words.length > 0) throw wrongUsage('events', `events takes no ${words[0]}`)
  const limit = flags.get('limit')
  if (limit !== undefined && !/^[1-9]\d{0,14}$/.test(limit)) {
    throw wrongUsage('events', '--limit needs a whole number above 0')
  }
  const query: Record<string, string> = {}
  for (const name of filters) {
    const value = flags.get(name)
    if (value !== undefined) query[name] = value
  }
  const asJson = flags.has('json')
  return { query, limit: limit === undefined ? null : Number(limit), asJson, flags }
}

/** The broker that was named, or that runs on the data directory. Throws a CommandFailure when there is none. */
export async function findBroker(flags: Flags): Promise<AdminTarget> {
  const dataDir =
    flags.get('data-dir') ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default
  const admin = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (admin) return admin
  throw new CommandFailure(
    `no broker runs on ${dataDir}: name another with --data-dir DIR or --admin URL --token TOKEN`,
    EXIT.failed,
  )
}
