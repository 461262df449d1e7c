import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the broker before anything else, for what nobody outside can see as well: who asks waits for the network and
// for a core too. At each SIGUSR2 it adds a line to the file that LOOP_GAPS_FILE names: the longest time in ms for which the
// event loop was held since the last one. At each SIGWINCH: the bytes in use after a full collection (node --expose-gc).
const RESOLUTION_MS = 1
const gaps = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
gaps.enable()

function tell(value: number): void {
  appendFileSync(process.env.LOOP_GAPS_FILE ?? '/dev/null', `${value}\n`)
}

process.on('SIGUSR2', () => {
  tell(Math.max(0, gaps.max / 1e6 - RESOLUTION_MS))
  gaps.reset()
})

process.on('SIGWINCH', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  tell(heapUsed + external)
})
