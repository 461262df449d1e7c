import { BenchError } from '../client/bench-error.ts'
import { runToEnd } from '../target/run-to-end.ts'
import { fetchJars } from './maven-jars.ts'
import { versions } from './versions.ts'

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
export function fetchKafkaJars(): Promise<string> {
  return fetchJars(`kafka-${versions.kafka}`, [
    { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version: versions.kafka },
    { groupId: 'org.apache.kafka', artifactId: 'kafka-tools', version: versions.kafka },
    { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: versions.slf4jSimple },
  ])
}
