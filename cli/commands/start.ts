import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { EXIT } from '../exit-codes.ts'
import { parseServerOptions } from '../options.ts'

/** How long the broker may take to stop by itself before it is killed. */
const STOP_DEADLINE_MS = 10_000

/** Wait before the n-th restart in a row; the last entry repeats. */
const RESTART_DELAYS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000] as const

/** A broker that ran this long is healthy: its next crash starts at the shortest delay again. */
const HEALTHY_AFTER_MS = 60_000

/** Faults of the user or of the machine's state that another attempt would only meet again. */
const NOT_WORTH_A_RETRY: readonly number[] = [EXIT.ok, EXIT.usage, EXIT.config, EXIT.inUse]

/**
 * `glasslog start`: supervises the broker in a process of its own. A broker that crashes is started
 * again with growing pauses; one that ends with a fault that only a person can mend is not.
 */
export async function start(args: readonly string[]): Promise<number> {
  // Faults of the configuration are told once, here, and not by a child that comes and goes.
  await parseServerOptions(args, process.env)
  return new Supervisor(args).run()
}

class Supervisor {
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #stopping = false
  #announced = false
  /** The ports that the first broker got; its successors take the same, so that clients find them. */
  #portArgs: readonly string[] = []
  #wake = (): void => {}

  constructor(args: readonly string[]) {
    this.#args = args
  }

  async run(): Promise<number> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#stop())
    for (let failures = 0; ; failures++) {
      const startedAt = performance.now()
      const exitCode = await this.#runOnce()
      if (this.#stopping || NOT_WORTH_A_RETRY.includes(exitCode)) return exitCode
      if (!this.#announced) return exitCode
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) failures = 0
      const delayMs = RESTART_DELAYS_MS[Math.min(failures, RESTART_DELAYS_MS.length - 1)] ?? 0
      console.error(
        JSON.stringify({
          level: 50,
          time: new Date().toISOString(),
          exitCode,
          delayMs,
          msg: 'the broker ended, starting it again',
        }),
      )
      await this.#pause(delayMs)
      if (this.#stopping) return EXIT.ok
    }
  }

  async #runOnce(): Promise<number> {
    const main = process.argv[1] ?? ''
    const child = spawn(
      process.execPath,
      [...process.execArgv, main, 'broker', ...this.#args, ...this.#portArgs],
      {
        // The channel closes when this process dies, however it dies; the broker then stops as well.
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    )
    this.#child = child
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => this.#relay(line))
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    this.#child = undefined
    return code ?? (signal === null ? EXIT.failed : 128)
  }

  /** The ready line names this process, which is the one that a person or an init system stops. */
  #relay(line: string): void {
    const ready = line.startsWith('glasslog ready ')
    if (!ready) console.log(line)
    if (!ready || this.#announced) return
    this.#announced = true
    this.#portArgs = ['kafka', 'admin'].flatMap((part) => {
      const port = new RegExp(`${part}=\\S*:(\\d+)`).exec(line)?.[1]
      return port === undefined ? [] : [`--${part}-port`, port]
    })
    console.log(line.replace(/pid=\d+/, `pid=${process.pid}`))
  }

  #stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#wake()
    this.#child?.kill('SIGTERM')
    setTimeout(() => this.#child?.kill('SIGKILL'), STOP_DEADLINE_MS).unref()
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
