import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BenchError } from '../../client/bench-error.ts'
import { readProcessUsage } from '../../measure/process-usage.ts'
import { cacheDirectory } from '../../peers/cache.ts'
import type { LatencyMs } from '../../run/measurement.ts'
import { spawnBroker } from '../../target/broker-process.ts'
import { runToEnd } from '../../target/run-to-end.ts'
import { withTarget } from '../../target/with-target.ts'
import type { RunningBroker } from '../brokers/running-broker.ts'
import type { RunFigures, TableClient } from './client.ts'

const SOURCES = join(import.meta.dirname, '../java')
const SHARED_SOURCES = ['ProduceConsume', 'Client', 'Meter', 'Histogram']
const COMPILE_TIMEOUT_MS = 120_000
const JAVA_FLAGS = ['-Xmx1G', '-server', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']

export interface JavaClientOptions {
  /** The class in `java/` that uses the broker's library. */
  readonly name: string
  readonly description: string
  readonly fetchJars: () => Promise<string>
  /** NAME=VALUE, for the class. */
  readonly settings?: readonly string[]
}

/** The load program of `java/` with the client library that the broker's own makers give to users. */
export function javaClient({
  name,
  description,
  fetchJars,
  settings = [],
}: JavaClientOptions): TableClient {
  const prepare = async (): Promise<readonly [jars: string, classes: string]> => {
    const jars = await fetchJars()
    return [jars, await compile(name, jars)]
  }
  return {
    description,
    prepare: async () => void (await prepare()),
    async run(broker, recordBytes, times) {
      const [jars, classes] = await prepare()
      const classPath = `${classes}:${jars}/*`
      const { host, port } = broker.address
      const paced = [String(times.pacedRecordsPerSecond), String(times.pacedMs)]
      const durations = [String(times.warmupMs), String(times.measureMs), ...paced]
      const program = ['ProduceConsume', name, `${host}:${port}`, String(recordBytes)]
      return runProgram(broker, classPath, [...program, ...durations, ...settings])
    },
  }
}

/** Its logs go to a home directory of its own, which is removed. */
async function runProgram(
  broker: RunningBroker,
  classPath: string,
  program: readonly string[],
): Promise<RunFigures> {
  const home = await mkdtemp(join(tmpdir(), 'glasslog-bench-client-'))
  const command = ['java', ...JAVA_FLAGS, `-Duser.home=${home}`, '-cp', classPath, ...program]
  const start = async () => spawnBroker('the client', command)
  try {
    return await withTarget(start, async (client) => {
      await client.waitForLine(/^measuring$/)
      const before = useOf(broker)
      await client.waitForLine(/^over$/)
      const after = useOf(broker)
      const [counted = ''] = await client.waitForLine(/^\{.*\}$/)
      return {
        ...parseCounted(counted),
        brokerCpuSeconds: before && after ? after.cpuSeconds - before.cpuSeconds : null,
        brokerResidentBytes: after?.residentBytes ?? null,
      }
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function useOf({ pid }: RunningBroker) {
  return pid === null ? null : readProcessUsage(pid)
}

/** The line that the program prints at its end. */
export function parseCounted(
  line: string,
): Pick<RunFigures, 'seconds' | 'writtenPerSecond' | 'readPerSecond' | 'latencyMs'> {
  const counted = JSON.parse(line) as {
    readonly seconds: number
    readonly written: number
    readonly read: number
    readonly latencyMs: LatencyMs | null
  }
  return {
    seconds: counted.seconds,
    writtenPerSecond: counted.written / counted.seconds,
    readPerSecond: counted.read / counted.seconds,
    latencyMs: counted.latencyMs,
  }
}

/** Compiles the program once for each state of its sources and answers the directory of classes. */
async function compile(name: string, jars: string): Promise<string> {
  const files = [...SHARED_SOURCES, name].map((source) => join(SOURCES, `${source}.java`))
  const hash = createHash('sha256').update(jars)
  for (const file of files) hash.update(readFileSync(file))
  const directory = join(cacheDirectory, `java-${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(directory)) return directory
  const building = `${directory}.part`
  await rm(building, { recursive: true, force: true })
  const { exitCode, output } = await runToEnd(
    ['javac', '-d', building, '-cp', `${jars}/*`, ...files],
    COMPILE_TIMEOUT_MS,
  )
  if (exitCode !== 0) throw new BenchError(`javac cannot compile ${name}:\n${output}`)
  await rename(building, directory)
  return directory
}
