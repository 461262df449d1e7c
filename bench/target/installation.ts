import { Cleanups } from '../../kit/index.ts'
import type { Address } from '../client/connections.ts'
import type { BrokerProcess } from './broker-process.ts'
import type { Target } from './target.ts'

/** A broker with a confinement and a data directory of its own, which outlive its process. */
export interface Installation {
  readonly name: 'Glasslog' | 'Apache Kafka'
  readonly version: string
  /** How it is started, for a person who wants to do the same. */
  readonly command: string
  /** Where it listens once it runs. */
  readonly address: Address
  /** What it prints when it is ready. */
  readonly readyLine: RegExp
  /** Spawns it on its data, one process at a time. */
  spawn(): BrokerProcess
  /** Removes data and confinement; no process may run. Idempotent. */
  remove(): Promise<void>
}

/** Starts it once; stopping the target removes the installation. */
export async function startInstalled(installation: Installation): Promise<Target> {
  const cleanups = new Cleanups()
  cleanups.add('installation', () => installation.remove())
  try {
    const broker = installation.spawn()
    cleanups.add('process', () => broker.stop())
    await broker.waitForLine(installation.readyLine)
    const { name, version, command, address } = installation
    return { name, version, command, address, pid: broker.pid, stop: () => cleanups.run() }
  } catch (error) {
    await cleanups.run()
    throw error
  }
}
