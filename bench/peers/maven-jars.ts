import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BenchError } from '../client/bench-error.ts'
import { runToEnd } from '../target/run-to-end.ts'
import { cacheDirectory } from './cache.ts'
import { versions } from './versions.ts'

const FETCH_TIMEOUT_MS = 600_000

/** What Maven calls an artifact. */
export interface Artifact {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
}

/**
 * Fetches artifacts with all that they need into the cache, once, and answers the directory of the
 * jars. `name` says what they are and in which versions.
 */
export async function fetchJars(name: string, artifacts: readonly Artifact[]): Promise<string> {
  const directory = join(cacheDirectory, name)
  if (existsSync(directory)) return join(directory, 'lib')
  const building = `${directory}.part`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  await writeFile(join(building, 'pom.xml'), project(artifacts))
  const plugin = `org.apache.maven.plugins:maven-dependency-plugin:${versions.mavenDependencyPlugin}`
  const goal = `${plugin}:copy-dependencies`
  const flags = ['-q', '-B', '-f', building, '-DoutputDirectory=lib', '-DincludeScope=runtime']
  const { exitCode, output } = await runToEnd(['mvn', ...flags, goal], FETCH_TIMEOUT_MS)
  if (exitCode !== 0) throw new BenchError(`mvn cannot fetch ${name}:\n${output}`)
  await rename(building, directory)
  return join(directory, 'lib')
}

function project(artifacts: readonly Artifact[]): string {
  const dependency = ({ groupId, artifactId, version }: Artifact): string =>
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId>` +
    `<version>${version}</version><exclusions>` +
    // Two bindings of the logging facade would compete.
    `<exclusion><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId></exclusion>` +
    `</exclusions></dependency>`
  return (
    `<project><modelVersion>4.0.0</modelVersion><groupId>glasslog</groupId>` +
    `<artifactId>bench</artifactId><version>1</version><packaging>pom</packaging>` +
    `<dependencies>${artifacts.map(dependency).join('')}</dependencies></project>\n`
  )
}
