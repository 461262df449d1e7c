import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUuid, systemRandom } from '../../kit/index.ts'
import { BenchError } from '../client/bench-error.ts'
import { onTwoCores } from '../target/confinement.ts'
import { freePorts } from '../target/free-ports.ts'
import type { BrokerKind, Installation } from '../target/installation.ts'
import { createInstallation, startInstalled } from '../target/installation.ts'
import { runToEnd } from '../target/run-to-end.ts'
import type { Target } from '../target/target.ts'
import { versions } from './versions.ts'

const FORMAT_TIMEOUT_MS = 60_000

/** What kafka-server-start.sh gives the JVM when nothing is set. */
export const kafkaJavaFlags: readonly string[] = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
  '-Djava.awt.headless=true',
]

/**
 * A stock single-node Apache Kafka (KRaft, combined roles) on a formatted, empty data directory.
 * `settings` are lines for its server.properties, for who does not want it stock.
 */
export async function installKafka(
  workDirectory: string,
  jars: string,
  settings: readonly string[] = [],
): Promise<Installation> {
  const directory = await mkdtemp(join(workDirectory, 'kafka-bench-'))
  const [port = 0, controllerPort = 0] = await freePorts(2)
  const properties = join(directory, 'server.properties')
  const java = (classPath: string, file: string): readonly string[] => [
    ...['java', ...kafkaJavaFlags, '-cp', classPath],
    ...['kafka.Kafka', file],
  ]
  const kind: BrokerKind = {
    name: 'Apache Kafka',
    version: versions.kafka,
    command: onTwoCores(java("'JARS/*'", 'server.properties')).join(' '),
    address: { host: '127.0.0.1', port },
    readyLine: /Kafka Server started/,
  }
  const installation = createInstallation(kind, java(`${jars}/*`, properties), directory)
  try {
    const lines = [...serverProperties(directory, port, controllerPort), ...settings, '']
    await writeFile(properties, lines.join('\n'))
    await format(jars, properties)
    return installation
  } catch (error) {
    await installation.stop()
    throw error
  }
}

/** Starts Apache Kafka on an empty data directory. */
export async function startKafka(
  workDirectory: string,
  jars: string,
  settings: readonly string[] = [],
): Promise<Target> {
  return startInstalled(await installKafka(workDirectory, jars, settings))
}

async function format(jars: string, properties: string): Promise<void> {
  const clusterId = randomUuid(systemRandom)
  const tool = ['java', '-cp', `${jars}/*`, 'kafka.tools.StorageTool']
  const { exitCode, output } = await runToEnd(
    [...tool, 'format', `--cluster-id=${clusterId}`, '-c', properties],
    FORMAT_TIMEOUT_MS,
  )
  if (exitCode !== 0) throw new BenchError(`Apache Kafka cannot format its storage:\n${output}`)
}

/** Kafka's own config/server.properties but for ports and places: it sets these values as they are here. */
function serverProperties(
  directory: string,
  port: number,
  controllerPort: number,
): readonly string[] {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'num.network.threads=3',
    'num.io.threads=8',
    'socket.send.buffer.bytes=102400',
    'socket.receive.buffer.bytes=102400',
    'socket.request.max.bytes=104857600',
    `log.dirs=${join(directory, 'logs')}`,
    'num.recovery.threads.per.data.dir=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'log.segment.bytes=1073741824',
  ]
}
