/** The thread of a Metronome: sleeps until the next beat, says so, and sleeps again. */
import { parentPort, workerData } from 'node:worker_threads'
import type { MetronomeSetup } from './metronome-setup.ts'

const { startEpochMs, intervalMs } = workerData as MetronomeSetup
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

for (let beat = 0; ; beat++) {
  const nowMs = performance.timeOrigin + performance.now()
  const leftMs = startEpochMs + beat * intervalMs - nowMs
  if (leftMs > 0) Atomics.wait(nobodyWakes, 0, 0, leftMs)
  parentPort?.postMessage(null)
}
