import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './free-port.ts'

/** A Prometheus that answers. */
export interface RunningPrometheus {
  readonly url: string
  stop(): Promise<void>
}

const READY_TIMEOUT_MS = 30_000

/** Runs Debian's Prometheus with these flags, on a port of its own, until it is stopped. */
export async function runPrometheus(flags: readonly string[]): Promise<RunningPrometheus> {
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [...flags, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await untilReady(url)
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null)
    if (answer?.ok === true) return
    if (performance.now() > deadline) throw new Error('Prometheus was not ready in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
