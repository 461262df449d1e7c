import { join } from 'node:path'
import { runOrThrow, startChild } from '../harness/child.ts'
import { fetchKafkaTools } from '../harness/java.ts'
import { versions } from '../versions.ts'

/** Releases of Kafka's tools, which bring the Java client of that release. */
export type Release = keyof typeof versions.kafkaTools

const TIMEOUT_MS = 60_000

/** Runs one of Kafka's main classes to its end and answers what it printed. */
export async function kafkaTool(
  release: Release,
  main: string,
  bootstrap: string,
  ...args: readonly string[]
): Promise<string> {
  const java = await javaOf(release)
  return runOrThrow('java', [...java, main, '--bootstrap-server', bootstrap, ...args], {
    timeoutMs: TIMEOUT_MS,
  })
}

/** Types lines into a console producer for so long, and waits for its end. */
export async function typeInto(
  release: Release,
  bootstrap: string,
  args: readonly string[],
  typeMs: number,
): Promise<void> {
  const main = release === 'tools-3.9' ? 'kafka.tools' : 'org.apache.kafka.tools'
  const java = await javaOf(release)
  const all = [...java, `${main}.ConsoleProducer`, '--bootstrap-server', bootstrap, ...args]
  const child = startChild('java', all)
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdout.resume()
  child.stderr.resume()
  const typing = setInterval(() => child.stdin.write('line\n'), 100)
  setTimeout(() => {
    clearInterval(typing)
    child.stdin.end()
  }, typeMs)
  const exitCode = await exited
  clearInterval(typing)
  if (exitCode !== 0) throw new Error(`the console producer ended with ${exitCode}`)
}

async function javaOf(release: Release): Promise<readonly string[]> {
  const jars = await fetchKafkaTools(versions.kafkaTools[release])
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return ['-Xmx256m', '-XX:TieredStopAtLevel=1', logging, '-cp', join(jars, '*')]
}
