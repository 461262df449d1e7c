import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { cached, clientsDir, sourcesOf } from './cache.ts'
import { runOrThrow } from './child.ts'

const FETCH_TIMEOUT_MS = 600_000
const COMPILE_TIMEOUT_MS = 120_000

type Artifact = { readonly groupId: string; readonly artifactId: string; readonly version: string }

/**
 * Fetches Maven artifacts with all that they need to run and returns the directory of their jars.
 * The logging binding is ours: every Java client reports warnings to standard error.
 */
async function fetchJars(name: string, artifacts: readonly Artifact[]): Promise<string> {
  const logging = {
    groupId: 'org.slf4j',
    artifactId: 'slf4j-simple',
    version: versions.slf4jSimple,
  }
  const pom = projectOf([...artifacts, logging])
  const plugin = `org.apache.maven.plugins:maven-dependency-plugin:${versions.mavenDependencyPlugin}`
  const directory = await cached(`jars/${name}`, pom, async (target) => {
    writeFileSync(join(target, 'pom.xml'), pom)
    await runOrThrow(
      'mvn',
      [
        '-q',
        '-B',
        `${plugin}:copy-dependencies`,
        '-DoutputDirectory=lib',
        '-DincludeScope=runtime',
      ],
      { cwd: target, timeoutMs: FETCH_TIMEOUT_MS },
    )
  })
  return join(directory, 'lib')
}

function projectOf(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    ({ groupId, artifactId, version }) =>
      `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId>` +
      `<version>${version}</version>` +
      // Other bindings of the logging facade would compete with ours.
      `<exclusions><exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-log4j12</artifactId></exclusion>` +
      `<exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>` +
      `<exclusion><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId></exclusion>` +
      `</exclusions></dependency>`,
  )
  return (
    `<project><modelVersion>4.0.0</modelVersion><groupId>glasslog</groupId>` +
    `<artifactId>interop</artifactId><version>1</version><packaging>pom</packaging>` +
    `<dependencies>${dependencies.join('')}</dependencies></project>\n`
  )
}

/** Jars of one release of kafka-clients. */
export function fetchKafkaClients(version: string): Promise<string> {
  return fetchJars(`kafka-clients-${version}`, [
    { groupId: 'org.apache.kafka', artifactId: 'kafka-clients', version },
  ])
}

/** Jars of one release of Kafka's broker and command-line tools. */
export function fetchKafkaTools(version: string): Promise<string> {
  return fetchJars(`kafka-tools-${version}`, [
    { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version },
    { groupId: 'org.apache.kafka', artifactId: 'kafka-tools', version },
  ])
}

/**
 * Compiles the Java scenario for one release of kafka-clients: the core that all releases share, the
 * layers that the release has, and the one `generation` that names the steps. Returns a class path.
 */
export async function compileScenario(
  name: string,
  version: string,
  layers: readonly string[],
): Promise<string> {
  const jars = await fetchKafkaClients(version)
  const folders = layers.map((layer) => join(clientsDir, 'java', layer))
  const classes = await cached(
    `java/${name}`,
    `${version}\n${sourcesOf(...folders)}`,
    async (target) => {
      const sources = folders.flatMap((folder) =>
        readdirSync(folder)
          .filter((file) => file.endsWith('.java'))
          .map((file) => join(folder, file)),
      )
      mkdirSync(join(target, 'classes'))
      await runOrThrow(
        'javac',
        [
          '-nowarn',
          '-Xlint:none',
          '-encoding',
          'UTF-8',
          '-cp',
          `${jars}/*`,
          '-d',
          join(target, 'classes'),
          ...sources,
        ],
        { timeoutMs: COMPILE_TIMEOUT_MS },
      )
    },
  )
  return `${join(classes, 'classes')}:${jars}/*`
}
