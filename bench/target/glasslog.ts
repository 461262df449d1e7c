import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Cleanups } from '../../kit/index.ts'
import { BenchError } from '../client/bench-error.ts'
import { startBrokerProcess } from './broker-process.ts'
import type { Target } from './target.ts'
import { parseAddress } from './target.ts'
import { onTwoCores } from './two-cores.ts'

const REPOSITORY = join(import.meta.dirname, '../..')

/** Starts Glasslog by its command, with every setting at its default, on an empty data directory. */
export async function startGlasslog(workDirectory: string): Promise<Target> {
  const cleanups = new Cleanups()
  const dataDirectory = await mkdtemp(join(workDirectory, 'glasslog-bench-'))
  cleanups.add('data', () => rm(dataDirectory, { recursive: true, force: true }))
  try {
    const main = join(REPOSITORY, 'cli/main.ts')
    const flags = ['--data-dir', dataDirectory, '--kafka-port', '0', '--admin-port', '0']
    const command = onTwoCores([process.execPath, main, 'broker', ...flags])
    const broker = await startBrokerProcess('Glasslog', command, /^glasslog ready .*kafka=(\S+)/)
    cleanups.add('process', broker.stop)
    const address = parseAddress(broker.ready[1] ?? '')
    if (!address) throw new BenchError(`not a ready line: ${broker.ready[0]}`)
    return {
      name: 'Glasslog',
      version: await readVersion(),
      address,
      pid: broker.pid,
      command: onTwoCores(['node', 'cli/main.ts', 'broker', '--data-dir', 'DIR']).join(' '),
      stop: () => cleanups.run(),
    }
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(REPOSITORY, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
