import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

// Loaded into the broker before anything else. At each SIGUSR2 it adds a line to the file that LOOP_GAPS_FILE names:
// the longest time in ms for which the event loop was held since the last one. Nobody outside can see that as well:
// who asks waits for the network and for a core too.
const RESOLUTION_MS = 1
const gaps = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
gaps.enable()
process.on('SIGUSR2', () => {
  const longestMs = Math.max(0, gaps.max / 1e6 - RESOLUTION_MS)
  gaps.reset()
  appendFileSync(process.env.LOOP_GAPS_FILE ?? '/dev/null', `${longestMs}\n`)
})
