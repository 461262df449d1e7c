import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cleanups } from '../../../kit/index.ts'
import { spawnBroker } from '../../target/broker-process.ts'
import type { Confinement } from '../../target/confinement.ts'
import { createConfinement, onTwoCores } from '../../target/confinement.ts'
import { freePorts } from '../../target/free-ports.ts'
import type { RunningBroker } from './running-broker.ts'

/** Debian's package keeps the server's own scripts here; those in /usr/sbin insist on its service's user. */
const SCRIPTS = '/usr/lib/rabbitmq/bin'
const INSTALLED = '/usr/lib/rabbitmq/lib'
const LIMIT_BYTES = 4 * 1024 ** 3

/** What a machine without RabbitMQ is told; null when it is there. */
export function missingRabbitmq(): string | null {
  return existsSync(join(SCRIPTS, 'rabbitmq-server'))
    ? null
    : 'rabbitmq-server is missing here: `apt-get install rabbitmq-server`'
}

interface Ports {
  readonly amqp: number
  readonly stream: number
  readonly distribution: number
  readonly epmd: number
}

/**
 * Starts Debian's RabbitMQ with the stream plugin, every other setting at its default, on an empty
 * data directory. It gets a port mapper (epmd) of its own, which ends with it; a RabbitMQ that runs
 * on this machine is left alone. `listens` says for which of its protocols the address is.
 */
export async function startRabbitmq(
  workDirectory: string,
  listens: 'amqp' | 'stream',
): Promise<RunningBroker> {
  const cleanups = new Cleanups()
  const directory = await mkdtemp(join(workDirectory, 'rabbitmq-bench-'))
  cleanups.add('data', () => rm(directory, { recursive: true, force: true }))
  const confinement = createConfinement()
  cleanups.add('confinement', () => confinement.remove())
  try {
    const ports = await choosePorts()
    await writeSettings(directory, ports)
    await startPortMapper(ports.epmd, confinement, cleanups)
    const command = ['env', ...environment(directory, ports), join(SCRIPTS, 'rabbitmq-server')]
    const broker = spawnBroker('RabbitMQ', confinement.confine(command))
    cleanups.add('process', () => broker.stop())
    await broker.waitForLine(/Server startup complete|completed with \d+ plugins/)
    return {
      version: await readRabbitmqVersion(),
      address: { host: '127.0.0.1', port: ports[listens] },
      pid: broker.pid,
      command: onTwoCores(['rabbitmq-server']).join(' '),
      stop: () => cleanups.run(),
    }
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function choosePorts(): Promise<Ports> {
  const [amqp = 0, stream = 0, distribution = 0, epmd = 0] = await freePorts(4)
  return { amqp, stream, distribution, epmd }
}

/** In the foreground it is a child that can be ended; RabbitMQ would start one that outlives it. */
async function startPortMapper(
  port: number,
  { confine }: Confinement,
  cleanups: Cleanups,
): Promise<void> {
  const mapper = spawnBroker(
    'epmd',
    confine(['epmd', '-d', '-address', '127.0.0.1', '-port', String(port)]),
  )
  cleanups.add('epmd', () => mapper.stop())
  await mapper.waitForLine(/epmd running/)
}

/** From the directory's name: asking `rabbitmqctl` would start the port mapper of the whole machine. */
export async function readRabbitmqVersion(): Promise<string> {
  const names = await readdir(INSTALLED)
  return names.find((name) => name.startsWith('rabbitmq_server-'))?.split('-')[1] ?? ''
}

async function writeSettings(directory: string, ports: Ports): Promise<void> {
  await mkdir(join(directory, 'mnesia'))
  await writeFile(join(directory, 'enabled_plugins'), '[rabbitmq_stream].\n')
  await writeFile(join(directory, 'environment.conf'), '')
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    `stream.listeners.tcp.1 = 127.0.0.1:${ports.stream}`,
    'stream.advertised_host = 127.0.0.1',
    `stream.advertised_port = ${ports.stream}`,
    // It would take 40 % of the machine's memory for its share, not 40 % of what it may have.
    `total_memory_available_override_value = ${LIMIT_BYTES}`,
    'log.console = true',
    'log.file = false',
    '',
  ]
  await writeFile(join(directory, 'rabbitmq.conf'), settings.join('\n'))
}

function environment(directory: string, ports: Ports): readonly string[] {
  return [
    `HOME=${directory}`,
    `ERL_EPMD_PORT=${ports.epmd}`,
    `RABBITMQ_NODENAME=bench-${ports.amqp}@localhost`,
    `RABBITMQ_DIST_PORT=${ports.distribution}`,
    `RABBITMQ_CONF_ENV_FILE=${join(directory, 'environment.conf')}`,
    `RABBITMQ_CONFIG_FILE=${join(directory, 'rabbitmq.conf')}`,
    `RABBITMQ_ENABLED_PLUGINS_FILE=${join(directory, 'enabled_plugins')}`,
    `RABBITMQ_MNESIA_BASE=${join(directory, 'mnesia')}`,
    `RABBITMQ_LOG_BASE=${directory}`,
    `RABBITMQ_GENERATED_CONFIG_DIR=${directory}`,
    // Makes the script become the server, which then gets our signals itself.
    'RABBITMQ_ALLOW_INPUT=1',
    'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-noinput -kernel inet_dist_use_interface {127,0,0,1}',
  ]
}
