import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import { EXIT } from './exit-codes.ts'
import { memoryFlags } from './memory-flags.mjs'

/** How long a process may take to stop by itself before it is killed. */
const STOP_DEADLINE_MS = 10_000

/** Wait before the n-th restart in a row; the last entry repeats. */
const RESTART_DELAYS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000] as const

/** A process that ran this long is healthy: its next crash starts at the shortest delay again. */
const HEALTHY_AFTER_MS = 60_000

/** Faults of the user or of the machine's state that another attempt would only meet again. */
const NOT_WORTH_A_RETRY: readonly number[] = [EXIT.ok, EXIT.usage, EXIT.config, EXIT.inUse]

const READY = 'glasslog ready '

/**
 * A subcommand in a process of its own. When it crashes it is started again with growing pauses; when it ends with
 * a fault that only a person can mend, or before it was ever ready, it is not.
 */
export class SupervisedProcess {
  /** Such as `broker`: the subcommand, and how it is called in messages. */
  readonly name: string
  readonly #args: readonly string[]
  /** Parts of the ready line whose ports its successors take as well, so that clients find them. */
  readonly #ports: readonly string[]
  readonly #ready = Promise.withResolvers<string>()
  #portArgs: readonly string[] = []
  #child: ChildProcess | undefined
  #stopping = false
  #announced = false
  #wake = (): void => {}

  constructor(name: string, args: readonly string[], ports: readonly string[]) {
    this.name = name
    this.#args = args
    this.#ports = ports
  }

  /** Resolves with what the first ready line says behind `glasslog ready`, without the process number. */
  get ready(): Promise<string> {
    return this.#ready.promise
  }

  /** Runs it until it is stopped or gives up; answers its last exit code. */
  async run(): Promise<number> {
    let failures = 0
    // It may have been stopped before it began: whoever stops two of them does not know which one runs.
    while (!this.#stopping) {
      const startedAt = performance.now()
      const exitCode = await this.#runOnce()
      if (this.#stopping || NOT_WORTH_A_RETRY.includes(exitCode) || !this.#announced)
        return exitCode
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) failures = 0
      const delayMs = RESTART_DELAYS_MS[Math.min(failures, RESTART_DELAYS_MS.length - 1)] ?? 0
      this.#log({ exitCode, delayMs, msg: `the ${this.name} ended, starting it again` })
      await this.#pause(delayMs)
      failures++
    }
    return EXIT.ok
  }

  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#wake()
    this.#child?.kill('SIGTERM')
    setTimeout(() => this.#child?.kill('SIGKILL'), STOP_DEADLINE_MS).unref()
  }

  async #runOnce(): Promise<number> {
    try {
      return await this.#runChild()
    } catch (error) {
      // The machine has no process, memory or file handle left for it, which may be over in a moment.
      this.#log({ err: String(error), msg: `the ${this.name} could not be started` })
      return EXIT.failed
    } finally {
      this.#child = undefined
    }
  }

  #runChild(): Promise<number> {
    const main = process.argv[1] ?? ''
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        ...memoryFlags(this.name),
        ...[main, this.name, ...this.#args, ...this.#portArgs],
      ],
      {
        // The channel closes when this process dies, however it dies; the child then stops as well.
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    )
    this.#child = child
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#relay(line))
    }
    return exitOf(child)
  }

  #relay(line: string): void {
    if (!line.startsWith(READY)) {
      console.log(line)
      return
    }
    if (this.#announced) return
    this.#announced = true
    this.#portArgs = this.#ports.flatMap((part) => {
      const port = new RegExp(`${part}=\\S*:(\\d+)`).exec(line)?.[1]
      return port === undefined ? [] : [`--${part}-port`, port]
    })
    this.#ready.resolve(line.slice(READY.length).replace(/\s*pid=\d+/, ''))
  }

  #log(fields: object): void {
    console.error(JSON.stringify({ level: 50, time: new Date().toISOString(), ...fields }))
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** As a shell says it: 137 is SIGKILL, which is what the kernel sends when memory is short. */
function codeOf(signal: NodeJS.Signals | null): number {
  return signal === null ? EXIT.failed : 128 + constants.signals[signal]
}

/** Rejects when it cannot be begun: some of these errors `spawn` throws, others come as an event. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code ?? codeOf(signal)))
    child.on('error', (error) => {
      // One that runs has errors too, such as a signal that is not sent; its end is still to come.
      if (child.pid === undefined) reject(error)
    })
  })
}
