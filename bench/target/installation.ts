import { rm } from 'node:fs/promises'
import { Cleanups } from '../../kit/index.ts'
import type { Address } from '../client/connections.ts'
import type { BrokerProcess } from './broker-process.ts'
import { spawnBroker } from './broker-process.ts'
import { createConfinement } from './confinement.ts'
import type { Target } from './target.ts'

/** What tells one broker from another. */
export interface BrokerKind {
  readonly name: 'Glasslog' | 'Apache Kafka'
  readonly version: string
  /** How it is started, for a person who wants to do the same. */
  readonly command: string
  /** Where it listens once it runs. */
  readonly address: Address
  /** What it prints when it is ready. */
  readonly readyLine: RegExp
}

/** A broker with a confinement and a data directory of its own, which outlive its process. */
export interface Installation extends BrokerKind {
  /** Spawns it on its data, one process at a time; `flags` are added to its command. */
  spawn(flags?: readonly string[]): BrokerProcess
  /** Ends its process if one runs, and removes data and confinement. Idempotent. */
  stop(): Promise<void>
}

/** An installation that is started by `words`; `directory`, all that it has on disk, becomes its own. */
export function createInstallation(
  kind: BrokerKind,
  words: readonly string[],
  directory: string,
): Installation {
  const confinement = createConfinement()
  const cleanups = new Cleanups()
  let running: BrokerProcess | undefined
  cleanups.add('data', () => rm(directory, { recursive: true, force: true }))
  cleanups.add('confinement', () => confinement.remove())
  cleanups.add('process', () => running?.stop())
  return {
    ...kind,
    spawn(flags = []) {
      running = spawnBroker(kind.name, confinement.confine([...words, ...flags]))
      return running
    },
    stop: () => cleanups.run(),
  }
}

/** Starts it and waits until it is ready; stopping the target stops the installation. */
export async function startInstalled(installation: Installation): Promise<Target> {
  try {
    const { name, version, command, address, readyLine } = installation
    const broker = installation.spawn()
    await broker.waitForLine(readyLine)
    return { name, version, command, address, pid: broker.pid, stop: installation.stop }
  } catch (error) {
    await installation.stop()
    throw error
  }
}
