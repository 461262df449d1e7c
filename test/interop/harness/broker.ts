import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../../support/free-port.ts'
import { versions } from '../versions.ts'
import { logsDir, repositoryDir } from './cache.ts'
import { endGroup, runOrThrow, startChild } from './child.ts'
import { fetchKafkaTools } from './java.ts'

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000

/** A broker under test. `bootstrap` is `HOST:PORT`; `stop` may be called once and is bounded. */
export type BrokerUnderTest = {
  readonly name: string
  readonly bootstrap: string
  stop(): Promise<void>
}

/** A broker that somebody else runs; it is left running. */
export function attachTo(bootstrap: string): BrokerUnderTest {
  return { name: bootstrap, bootstrap, stop: () => Promise.resolve() }
}

/** Starts Glasslog by its command on free ports with an empty data directory of its own. */
export async function startGlasslog(): Promise<BrokerUnderTest> {
  const dataDir = mkdtempSync(join(tmpdir(), 'glasslog-interop-'))
  const main = join(repositoryDir, 'cli', 'main.ts')
  const flags = ['--data-dir', join(dataDir, 'data'), '--kafka-port', '0', '--admin-port', '0']
  const { ready, stop } = startBroker('glasslog', process.execPath, [main, 'broker', ...flags], {
    dataDir,
    readyLine: /^glasslog ready .*kafka=(\S+)/,
  })
  return { name: 'glasslog', bootstrap: (await ready)[1] ?? '', stop }
}

/**
 * Starts Apache Kafka itself as a single KRaft node, from the jars of its command-line tools. The
 * suite must pass against it wherever both claim a feature: that is how the suite proves itself.
 */
export async function startKafka(
  client: keyof typeof versions.kafkaTools,
): Promise<BrokerUnderTest> {
  const version = versions.kafkaTools[client]
  const jars = await fetchKafkaTools(version)
  const dataDir = mkdtempSync(join(tmpdir(), `kafka-${version}-`))
  const [port, controllerPort] = [await freePort(), await freePort()]
  const properties = join(dataDir, 'server.properties')
  writeFileSync(properties, kafkaProperties(dataDir, port, controllerPort))
  const java = ['-cp', `${jars}/*`, '-Xmx1g']
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  await runOrThrow(
    'java',
    [...java, 'kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', properties],
    { timeoutMs: READY_TIMEOUT_MS },
  )
  const { ready, stop } = startBroker(
    `kafka-${version}`,
    'java',
    [...java, 'kafka.Kafka', properties],
    {
      dataDir,
      readyLine: /Kafka Server started/,
    },
  )
  await ready
  return { name: `Apache Kafka ${version}`, bootstrap: `127.0.0.1:${port}`, stop }
}

function kafkaProperties(dataDir: string, port: number, controllerPort: number): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `log.dirs=${join(dataDir, 'logs')}`,
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'offsets.topic.num.partitions=4',
    '',
  ].join('\n')
}

type BrokerProcess = { readonly ready: Promise<RegExpMatchArray>; stop(): Promise<void> }

function startBroker(
  name: string,
  command: string,
  args: readonly string[],
  { dataDir, readyLine }: { readonly dataDir: string; readonly readyLine: RegExp },
): BrokerProcess {
  mkdirSync(logsDir, { recursive: true })
  const log = createWriteStream(join(logsDir, `broker-${name}.log`))
  const child = startChild(command, args)
  const { promise: ready, resolve, reject } = Promise.withResolvers<RegExpMatchArray>()
  const exited = new Promise<void>((done) => child.once('close', () => done()))
  const timer = setTimeout(
    () => reject(new Error(`${name} was not ready after ${READY_TIMEOUT_MS} ms`)),
    READY_TIMEOUT_MS,
  )
  child.once('error', reject)
  child.once('close', (code) =>
    reject(new Error(`${name} ended early (exit ${code}); see ${log.path}`)),
  )
  const watch = (line: string): void => {
    log.write(`${line}\n`)
    const match = readyLine.exec(line)
    if (match) resolve(match)
  }
  createInterface({ input: child.stdout }).on('line', watch)
  createInterface({ input: child.stderr }).on('line', watch)
  const stop = async (): Promise<void> => {
    endGroup(child, 'SIGTERM')
    const kill = setTimeout(() => endGroup(child, 'SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(kill)
    log.end()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { ready: ready.finally(() => clearTimeout(timer)), stop }
}
