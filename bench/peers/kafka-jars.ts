import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BenchError } from '../client/bench-error.ts'
import { cacheDirectory } from './cache.ts'
import { runToEnd } from './run-to-end.ts'
import { versions } from './versions.ts'

const FETCH_TIMEOUT_MS = 600_000
const PROBE_TIMEOUT_MS = 30_000

/** Throws a BenchError that says what a side-by-side run needs and this machine lacks. */
export async function requireJava(): Promise<void> {
  for (const tool of ['java', 'mvn']) {
    const { exitCode } = await runToEnd([tool, '-version'], PROBE_TIMEOUT_MS)
    if (exitCode !== 0) {
      throw new BenchError(
        `${tool} is missing here, so Apache Kafka cannot be run: nothing was compared`,
      )
    }
  }
}

/** Fetches Apache Kafka with all that it needs, once, and answers the directory of its jars. */
export async function fetchKafkaJars(): Promise<string> {
  const directory = join(cacheDirectory, `kafka-${versions.kafka}`)
  if (existsSync(directory)) return join(directory, 'lib')
  const building = `${directory}.part`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  await writeFile(join(building, 'pom.xml'), project())
  const plugin = `org.apache.maven.plugins:maven-dependency-plugin:${versions.mavenDependencyPlugin}`
  const goal = `${plugin}:copy-dependencies`
  const flags = ['-q', '-B', '-f', building, '-DoutputDirectory=lib', '-DincludeScope=runtime']
  const { exitCode, output } = await runToEnd(['mvn', ...flags, goal], FETCH_TIMEOUT_MS)
  if (exitCode !== 0) throw new BenchError(`mvn cannot fetch Apache Kafka:\n${output}`)
  await rename(building, directory)
  return join(directory, 'lib')
}

function project(): string {
  const dependency = (groupId: string, artifactId: string, version: string): string =>
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId>` +
    `<version>${version}</version><exclusions>` +
    // Two bindings of the logging facade would compete.
    `<exclusion><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId></exclusion>` +
    `</exclusions></dependency>`
  const dependencies = [
    dependency('org.apache.kafka', 'kafka_2.13', versions.kafka),
    dependency('org.apache.kafka', 'kafka-tools', versions.kafka),
    dependency('org.slf4j', 'slf4j-simple', versions.slf4jSimple),
  ]
  return (
    `<project><modelVersion>4.0.0</modelVersion><groupId>glasslog</groupId>` +
    `<artifactId>bench</artifactId><version>1</version><packaging>pom</packaging>` +
    `<dependencies>${dependencies.join('')}</dependencies></project>\n`
  )
}
