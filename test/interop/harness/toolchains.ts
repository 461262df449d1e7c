import { runChild } from './child.ts'

/** A program of the machine that a client needs. install.sh installs all of them. */
export type Tool = 'mvn' | 'java' | 'javac' | 'kcat' | 'python3' | 'go'

type Probe = {
  readonly args: readonly string[]
  /** Oldest usable version as [major, minor]; the output's first such pair is compared. */
  readonly oldest?: readonly [number, number]
}

const probes: Readonly<Record<Tool, Probe>> = {
  mvn: { args: ['-v'] },
  java: { args: ['-version'], oldest: [17, 0] },
  javac: { args: ['-version'], oldest: [17, 0] },
  kcat: { args: ['-V'] },
  python3: { args: ['-c', 'import sys, venv, ensurepip; print(sys.version)'], oldest: [3, 10] },
  // From 1.21 on, Go fetches by itself the newer release that a module asks for.
  go: { args: ['version'], oldest: [1, 21] },
}

const PROBE_TIMEOUT_MS = 30_000

const found = new Map<Tool, Promise<string | null>>()

/** Says what is wrong with a tool, or null when it can be used. Asks the machine only once. */
export function whatIsMissing(tool: Tool): Promise<string | null> {
  const known = found.get(tool)
  if (known) return known
  const answer = probe(tool)
  found.set(tool, answer)
  return answer
}

async function probe(tool: Tool): Promise<string | null> {
  const { args, oldest } = probes[tool]
  try {
    const { exitCode, stdout, stderr } = await runChild(tool, args, { timeoutMs: PROBE_TIMEOUT_MS })
    if (exitCode !== 0) return `${tool} does not run (${stderr.split('\n').at(-1)})`
    return oldest ? olderThan(tool, `${stdout}\n${stderr}`, oldest) : null
  } catch {
    return `${tool} not found`
  }
}

function olderThan(
  tool: Tool,
  output: string,
  [major, minor]: readonly [number, number],
): string | null {
  const match = /(\d+)\.(\d+)/.exec(output)
  const version = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)] as const
  const isOld = version[0] < major || (version[0] === major && version[1] < minor)
  return isOld ? `${tool} ${version.join('.')} is older than ${major}.${minor}` : null
}
