import { BenchError } from '../client/bench-error.ts'
import { runToEnd } from '../target/run-to-end.ts'

const PROBE_TIMEOUT_MS = 30_000
const PACKAGES = {
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  mvn: 'maven',
} as const

export type Tool = keyof typeof PACKAGES

/**
 * What keeps a row from being measured on this machine: the first of the commands that is not there,
 * with Debian's remedy, or jars that cannot be fetched; null when nothing does.
 */
export async function missingOf(
  tools: readonly Tool[],
  fetchJars: () => Promise<string>,
): Promise<string | null> {
  for (const tool of tools) {
    const { exitCode } = await runToEnd([tool, '-version'], PROBE_TIMEOUT_MS)
    if (exitCode !== 0) return `${tool} is missing here: \`apt-get install ${PACKAGES[tool]}\``
  }
  try {
    await fetchJars()
    return null
  } catch (error) {
    if (!(error instanceof BenchError)) throw error
    return error.message.split('\n')[0]?.replace(/:$/, '') ?? ''
  }
}
