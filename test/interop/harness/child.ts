import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type ChildOptions = {
  readonly cwd?: string
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; without it the child reads end of file at once. */
  readonly input?: string
  /** The child's process group is killed after this long. */
  readonly timeoutMs: number
  /** Called with each line of standard output. */
  readonly onLine?: (line: string) => void
  /** Standard error (and standard output) is appended to this file. */
  readonly logFile?: string
}

export type ChildResult = {
  readonly exitCode: number | null
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string
}

const alive = new Set<ChildProcess>()

/**
 * Starts a child in a process group of its own, so that ending it also ends what it started. The
 * group is known by the pid we were given: nothing is ever ended by name.
 */
export function startChild(
  command: string,
  args: readonly string[],
  options: Pick<ChildOptions, 'cwd' | 'env'> = {},
): ChildProcess & { stdin: object; stdout: object; stderr: object } {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A child that ends before it has read its input is reported by its exit code, not by EPIPE.
  child.stdin.on('error', () => {})
  alive.add(child)
  child.once('close', () => alive.delete(child))
  child.once('error', () => alive.delete(child))
  return child
}

/** Sends a signal to a child's whole process group; a group that is gone already is fine. */
export function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Ends every child that still runs; for the way out after an interrupt. */
export function endAllChildren(): void {
  for (const child of alive) endGroup(child, 'SIGKILL')
}

/** Runs a command to its end, bounded in time. Rejects only when the command cannot be started. */
export function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildResult> {
  const child = startChild(command, args, options)
  const { promise, resolve, reject } = Promise.withResolvers<ChildResult>()
  const log = options.logFile ? createWriteStream(options.logFile, { flags: 'a' }) : undefined
  const stdout: string[] = []
  const stderr: string[] = []
  let timedOut = false

  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line)
    options.onLine?.(line)
  })
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line))
  if (log) {
    child.stdout.on('data', (chunk) => log.write(chunk))
    child.stderr.on('data', (chunk) => log.write(chunk))
  }
  child.stdin.end(options.input ?? '')

  const timer = setTimeout(() => {
    timedOut = true
    endGroup(child, 'SIGKILL')
  }, options.timeoutMs)
  child.once('error', (error) => {
    clearTimeout(timer)
    log?.end()
    reject(error)
  })
  child.once('close', (exitCode) => {
    clearTimeout(timer)
    log?.end()
    resolve({ exitCode, timedOut, stdout: stdout.join('\n'), stderr: stderr.join('\n') })
  })
  return promise
}

/** Runs a preparation command and throws with the end of its output when it fails. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<string> {
  const result = await runChild(command, args, options)
  if (result.exitCode === 0) return result.stdout
  const why = result.timedOut
    ? `timed out after ${options.timeoutMs} ms`
    : `exit ${result.exitCode}`
  const output = `${result.stdout}\n${result.stderr}`.trim().slice(-2_000)
  throw new Error(`${command} ${args.join(' ')}: ${why}\n${output}`)
}
