import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cleanups } from '../../../kit/index.ts'
import { spawnBroker } from '../../target/broker-process.ts'
import { createConfinement, onTwoCores } from '../../target/confinement.ts'
import { freePorts } from '../../target/free-ports.ts'
import { tableVersions } from '../table-versions.ts'
import type { RunningBroker } from './running-broker.ts'

/**
 * The broker's own script wants a heap of 8 GiB and 15 GiB beside it, which no machine of 4 GiB has;
 * the other flags are the script's.
 */
const BROKER_FLAGS = [
  '-server',
  '-Xms1g',
  '-Xmx1g',
  '-XX:MaxDirectMemorySize=1g',
  '-XX:+UseG1GC',
  '-XX:G1HeapRegionSize=16m',
  '-XX:G1ReservePercent=25',
  '-XX:InitiatingHeapOccupancyPercent=30',
  '-XX:SoftRefLRUPolicyMSPerMB=0',
]
const NAME_SERVER_FLAGS = ['-server', '-Xmx128m']
const NAME_SERVER = 'org.apache.rocketmq.namesrv.NamesrvStartup'
const BROKER = 'org.apache.rocketmq.broker.BrokerStartup'

/** RocketMQ's own choice, and the one that answers after the disk has it. */
export type FlushDiskType = 'ASYNC_FLUSH' | 'SYNC_FLUSH'

/** Starts a name server and one broker, together in one confinement, on an empty data directory. */
export async function startRocketmq(
  workDirectory: string,
  jars: string,
  flushDiskType: FlushDiskType,
): Promise<RunningBroker> {
  const cleanups = new Cleanups()
  const directory = await mkdtemp(join(workDirectory, 'rocketmq-bench-'))
  cleanups.add('data', () => rm(directory, { recursive: true, force: true }))
  const confinement = createConfinement()
  cleanups.add('confinement', () => confinement.remove())
  const java = (flags: readonly string[], main: string, file: string): readonly string[] => {
    const home = [`-Duser.home=${directory}`, `-Drocketmq.home.dir=${directory}`]
    return confinement.confine(['java', ...flags, ...home, '-cp', `${jars}/*`, main, '-c', file])
  }
  try {
    const { port, nameServer, broker } = await writeSettings(directory, flushDiskType)
    const names = spawnBroker(
      "RocketMQ's name server",
      java(NAME_SERVER_FLAGS, NAME_SERVER, nameServer),
    )
    cleanups.add('name server', () => names.stop())
    await names.waitForLine(/boot success/)
    const process = spawnBroker('RocketMQ', java(BROKER_FLAGS, BROKER, broker))
    // A quiet stop takes it a quarter of a minute, and its data is thrown away.
    cleanups.add('broker', () => process.kill())
    await process.waitForLine(/boot success/)
    return {
      version: tableVersions.rocketmq,
      address: { host: '127.0.0.1', port },
      pid: process.pid,
      command: onTwoCores(['java', ...BROKER_FLAGS, '-cp', "'JARS/*'", BROKER]).join(' '),
      stop: () => cleanups.run(),
    }
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function writeSettings(directory: string, flushDiskType: FlushDiskType) {
  const [port = 0, brokerPort = 0, fastPort = 0, haPort = 0] = await freePorts(4)
  const nameServer = join(directory, 'namesrv.properties')
  await writeFile(nameServer, `listenPort=${port}\nbindAddress=127.0.0.1\n`)
  const broker = join(directory, 'broker.properties')
  const settings = [
    'brokerName=bench',
    'brokerIP1=127.0.0.1',
    'bindAddress=127.0.0.1',
    `namesrvAddr=127.0.0.1:${port}`,
    `listenPort=${brokerPort}`,
    `fastListenPort=${fastPort}`,
    `haListenPort=${haPort}`,
    `storePathRootDir=${join(directory, 'store')}`,
    `storePathCommitLog=${join(directory, 'store', 'commitlog')}`,
    `flushDiskType=${flushDiskType}`,
    '',
  ]
  await writeFile(broker, settings.join('\n'))
  return { port, nameServer, broker }
}
