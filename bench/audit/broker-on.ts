import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrokerProcess } from '../target/broker-process.ts'
import { spawnBroker } from '../target/broker-process.ts'
import { MEMORY_FLAGS } from '../target/glasslog.ts'

/** Where its command begins, which keeps compiled code for the next start. */
const MAIN = join(import.meta.dirname, '../../cli/main.mjs')
const READY_LINE = /^glasslog ready kafka=(\S+):(\d+) admin=(\S+)/

export interface BrokerOn {
  readonly pid: number
  readonly kafka: { readonly host: string; readonly port: number }
  /** Of the HTTP door. */
  readonly adminUrl: string
  /** From the spawn to the line that says that it is ready. */
  readonly startMs: number
  /** Asks the HTTP door as root. Throws for a status of 400 and more. */
  ask(target: string, body?: unknown): Promise<Response>
  stop: BrokerProcess['stop']
}

/** Starts a whole broker, as its command does, on a data directory that is there and stays there; `nodeFlags` are Node's. */
export async function startBrokerOn(
  directory: string,
  flags: readonly string[] = [],
  nodeFlags: readonly string[] = [],
): Promise<BrokerOn> {
  const startedMs = performance.now()
  const ports = ['--kafka-port', '0', '--admin-port', '0']
  const command = [process.execPath, ...MEMORY_FLAGS, ...nodeFlags, MAIN, 'broker']
  const words = [...command, '--data-dir', directory, ...ports, ...flags]
  const broker = spawnBroker('Glasslog', words)
  const [, host = '', port, adminUrl = ''] = await broker.waitForLine(READY_LINE)
  const startMs = performance.now() - startedMs
  const token = (await readFile(join(directory, 'root.token'), 'utf8')).trim()
  return {
    pid: broker.pid,
    kafka: { host, port: Number(port) },
    adminUrl,
    startMs,
    async ask(target, body) {
      const [method = 'GET', path = ''] = target.split(' ', 2)
      const response = await fetch(`${adminUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (response.status >= 400) {
        throw new Error(`${target}: ${response.status} ${await response.text()}`)
      }
      return response
    },
    stop: () => broker.stop(),
  }
}
