import { runToEnd } from '../target/run-to-end.ts'

const PROBE_TIMEOUT_MS = 30_000
const PACKAGES: Readonly<Record<string, string>> = {
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  mvn: 'maven',
}

/** The first of these commands that this machine lacks, with Debian's remedy; null when none. */
export async function missingTool(
  ...tools: readonly (keyof typeof PACKAGES)[]
): Promise<string | null> {
  for (const tool of tools) {
    const { exitCode } = await runToEnd([tool, '-version'], PROBE_TIMEOUT_MS)
    if (exitCode !== 0) return `${tool} is missing here: \`apt-get install ${PACKAGES[tool]}\``
  }
  return null
}
