import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTwoCores } from './confinement.ts'
import { freePorts } from './free-ports.ts'
import type { BrokerKind, Installation } from './installation.ts'
import { createInstallation, startInstalled } from './installation.ts'
import type { Target } from './target.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
/** As the installed command and the supervisor start it (cli/memory-flags.mjs). */
export const MEMORY_FLAGS = ['--min-semi-space-size=8']
const SLOW_DISK = new URL('./slow-disk.ts', import.meta.url)

export interface GlasslogOptions {
  /** Added to each fdatasync and fsync of the broker, on whichever thread. */
  readonly syncDelayMs?: number
}

/** Glasslog as its command starts it, with every setting at its default, on an empty data directory. */
export async function installGlasslog(
  workDirectory: string,
  { syncDelayMs = 0 }: GlasslogOptions = {},
): Promise<Installation> {
  const [port = 0] = await freePorts(1)
  const version = await readVersion()
  const directory = await mkdtemp(join(workDirectory, 'glasslog-bench-'))
  const main = join(REPOSITORY, 'cli/main.mjs')
  const flags = ['--data-dir', directory, '--kafka-port', String(port), '--admin-port', '0']
  const delay = syncDelayMs === 0 ? '' : `--import './bench/target/slow-disk.ts?ms=${syncDelayMs}' `
  const kind: BrokerKind = {
    name: 'Glasslog',
    version,
    command: onTwoCores([
      'node',
      ...MEMORY_FLAGS,
      `${delay}cli/main.mjs broker --data-dir DIR`,
    ]).join(' '),
    address: { host: '127.0.0.1', port },
    readyLine: /^glasslog ready /,
  }
  const preload = syncDelayMs === 0 ? [] : ['--import', `${SLOW_DISK.href}?ms=${syncDelayMs}`]
  const words = [process.execPath, ...MEMORY_FLAGS, ...preload, main, 'broker', ...flags]
  return createInstallation(kind, words, directory)
}

/** Starts Glasslog on an empty data directory. */
export async function startGlasslog(
  workDirectory: string,
  options: GlasslogOptions = {},
): Promise<Target> {
  return startInstalled(await installGlasslog(workDirectory, options))
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
