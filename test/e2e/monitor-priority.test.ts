import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { MonitorProcess } from '../support/broker-process.ts'
import { startMonitorProcess, temporaryDirectory } from '../support/broker-process.ts'

/** monitor-niceness: what the monitor does is done after what the broker does. */

let directory: Awaited<ReturnType<typeof temporaryDirectory>> | null = null
let monitor: MonitorProcess | null = null

afterEach(async () => {
  await monitor?.end('SIGKILL')
  await directory?.remove()
})

/** Field 19 of proc_pid_stat(5), of each thread; the name before may hold spaces. */
async function nicenessOfThreads(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const stats = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8'))
  return (await Promise.all(stats)).map((stat) =>
    Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]),
  )
}

const onLinux = it.skipIf(process.platform !== 'linux')

onLinux.each([
  ['stands back with all its threads', [], [10]],
  ['stands back as far as it is told', ['--monitor-niceness', '3'], [3]],
  ['is as important as others when it shall be', ['--monitor-niceness', '0'], [0]],
])('the monitor %s', async (_, flags, expected) => {
  directory = await temporaryDirectory()
  const data = join(directory.path, 'data')
  await mkdir(data)
  await writeFile(join(data, 'root.token'), 'token')
  monitor = await startMonitorProcess(data, flags)
  // A query makes it begin one more thread.
  const headers = { authorization: 'Bearer token' }
  const { status } = await fetch(`${monitor.url}/api/v1/query?query=up`, { headers })
  expect(status).toBe(200)
  const niceness = await nicenessOfThreads(monitor.pid)
  expect(niceness.length).toBeGreaterThan(4)
  expect([...new Set(niceness)]).toEqual(expected)
})
