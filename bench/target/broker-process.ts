import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { BenchError } from '../client/bench-error.ts'

const READY_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 60_000
const KEPT_OUTPUT_LINES = 20

/** A broker's process from the moment it was spawned, long before it is ready. */
export interface BrokerProcess {
  readonly pid: number
  /** Rejects when it ends before it was stopped or killed. */
  readonly failed: Promise<never>
  /** Resolves with what matched, on either output. Rejects when it ends before, or takes too long. */
  waitForLine(line: RegExp): Promise<RegExpExecArray>
  /** Asks it to end, and kills it when it does not. Idempotent. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

/** Spawns a broker and reads its output from then on: one whose output nobody reads stands still. */
export function spawnBroker(
  name: string,
  [command = '', ...args]: readonly string[],
): BrokerProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const output = new Output(child)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let isAskedToEnd = false
  child.once('error', (error) =>
    failure.reject(new BenchError(`${name} cannot be started: ${error.message}`)),
  )
  child.once('close', (code, signal) => {
    if (isAskedToEnd) return
    const why = `${name} ended early (${signal ?? `exit ${code}`})`
    failure.reject(new BenchError(`${why}\n${output.lastLines()}`))
  })
  return {
    pid: child.pid ?? 0,
    failed: failure.promise,
    async waitForLine(line) {
      const limit = Promise.withResolvers<never>()
      const late = (): void =>
        limit.reject(new BenchError(`${name} was not ready in time\n${output.lastLines()}`))
      // The process itself keeps us waiting; once it was stopped, nothing else shall.
      const timer = setTimeout(late, READY_TIMEOUT_MS).unref()
      try {
        return await Promise.race([output.waitFor(line), failure.promise, limit.promise])
      } finally {
        clearTimeout(timer)
      }
    },
    async stop() {
      isAskedToEnd = true
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(kill)
    },
    async kill() {
      isAskedToEnd = true
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Both outputs of a process: the last lines for a message, and a look-out for one line. */
class Output {
  readonly #lastLines: string[] = []
  #wanted: RegExp | undefined
  #onMatch: (match: RegExpExecArray) => void = () => {}

  constructor(child: ChildProcess) {
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', (line) => this.#take(line))
    }
  }

  lastLines(): string {
    return this.#lastLines.join('\n')
  }

  waitFor(line: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      this.#wanted = line
      this.#onMatch = resolve
    })
  }

  #take(line: string): void {
    this.#lastLines.push(line)
    if (this.#lastLines.length > KEPT_OUTPUT_LINES) this.#lastLines.shift()
    const match = this.#wanted?.exec(line)
    if (match) this.#onMatch(match)
  }
}
