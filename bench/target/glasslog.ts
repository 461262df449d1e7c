import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Cleanups } from '../../kit/index.ts'
import { spawnBroker } from './broker-process.ts'
import { createConfinement, onTwoCores } from './confinement.ts'
import { freePorts } from './free-ports.ts'
import type { Installation } from './installation.ts'
import { startInstalled } from './installation.ts'
import type { Target } from './target.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const SLOW_DISK = join(import.meta.dirname, 'slow-disk.ts')

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
  const confinement = createConfinement()
  const cleanups = new Cleanups()
  cleanups.add('confinement', () => confinement.remove())
  cleanups.add('data', () => rm(directory, { recursive: true, force: true }))
  const node = (main: string, ...flags: string[]): readonly string[] => {
    const slowDisk = syncDelayMs === 0 ? [] : ['--import', `${SLOW_DISK}?ms=${syncDelayMs}`]
    return [process.execPath, ...slowDisk, main, 'broker', ...flags]
  }
  const ports = ['--kafka-port', String(port), '--admin-port', '0']
  const command = node(join(REPOSITORY, 'cli/main.ts'), '--data-dir', directory, ...ports)
  const delay = syncDelayMs === 0 ? '' : `--import './bench/target/slow-disk.ts?ms=${syncDelayMs}' `
  return {
    name: 'Glasslog',
    version,
    command: [...onTwoCores(['node']), `${delay}cli/main.ts broker --data-dir DIR`].join(' '),
    address: { host: '127.0.0.1', port },
    readyLine: /^glasslog ready /,
    spawn: () => spawnBroker('Glasslog', confinement.confine(command)),
    remove: () => cleanups.run(),
  }
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
