import { join, resolve } from 'node:path'
import type { AdminTarget } from './admin-client.ts'
import { addressIn, knowsSecret, readText } from './admin-client.ts'
import { CommandFailure, EXIT } from './exit-codes.ts'
import { processConfig } from './process-config.ts'

/** Flags by which a command finds the monitor. */
export const CONSOLE_FLAGS = ['console', 'token', 'data-dir'] as const

/**
 * Finds the monitor that a command talks to: `--console URL --token TOKEN`, or the one that runs on the data directory.
 * That one has to show that it wrote the address there before it is sent the root account's token.
 */
export async function findConsole(flags: ReadonlyMap<string, string>): Promise<AdminTarget> {
  const asked = flags.get('console')
  const token = flags.get('token')
  if (asked !== undefined) {
    if (token === undefined) throw new CommandFailure('--console needs --token TOKEN', EXIT.usage)
    return { url: asked.replace(/\/+$/, ''), token }
  }
  const dataDir = resolve(
    flags.get('data-dir') ??
      process.env.GLASSLOG_DATA_DIR ??
      String(processConfig.rows['data-dir'].default),
  )
  const endpoint = await readText(join(dataDir, 'monitor', 'endpoint.json'))
  const root = token ?? (await readText(join(dataDir, 'root.token')))
  if (endpoint === null || root === null) throw noMonitor(dataDir)
  const url = addressIn(endpoint, 'console')
  const secret = addressIn(endpoint, 'secret')
  if (url === null || secret === null) throw noMonitor(dataDir)
  if (!(await knowsSecret({ url, token: secret }))) throw noMonitor(dataDir)
  return { url, token: root.trim() }
}

function noMonitor(dataDir: string): CommandFailure {
  return new CommandFailure(
    `no monitor runs on ${dataDir}; start one, or give --console URL --token TOKEN`,
    EXIT.failed,
  )
}
