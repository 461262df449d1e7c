import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerWithTopics } from './broker-with-topics.ts'
import { costOver, startMonitorOn } from './monitor-on.ts'

/** Two scrapes, so that every series and what is kept of its text is there. */
const WARM_UP_SECONDS = 32

/** What a monitor takes that looks after a broker with many partitions: memory, and CPU at the default intervals. */
export async function watch(topics: number, partitions: number, seconds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'glasslog-bench-'))
  const broker = await startBrokerWithTopics(directory, topics, partitions)
  try {
    const page = await (await broker.ask('GET /metrics')).text()
    const monitor = await startMonitorOn(directory)
    try {
      await costOver(monitor.pid, WARM_UP_SECONDS)
      const cost = await costOver(monitor.pid, seconds)
      const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      console.log(JSON.stringify({ topics, partitions, samples, pageBytes: page.length, ...cost }))
    } finally {
      await monitor.stop()
    }
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
