import { writeFile } from 'node:fs/promises'
import type { BenchArguments } from './arguments.ts'
import type { Load } from './loads/load.ts'
import { isRunning, syncDelayMsOf } from './loads/load.ts'
import { measureFdatasync } from './measure/fdatasync.ts'
import { describeFdatasync, describeMachine } from './report/machine.ts'
import { measurementsTable } from './report/measurements-table.ts'
import { renderPlain } from './report/table.ts'
import type { Measurement } from './run/measurement.ts'
import { runLoad } from './run/run-load.ts'
import { runOwn } from './run/run-own.ts'
import { describeConfinement } from './target/confinement.ts'
import { installGlasslog, startGlasslog } from './target/glasslog.ts'
import { attachTo } from './target/target.ts'
import { withTarget } from './target/with-target.ts'

/**
 * Runs the loads one after another and prints what they measured: on one broker together, but for
 * those that start and kill it or need another disk, which get brokers of their own. Throws a
 * BenchError when a load cannot be run: a table with holes would be read as a table.
 */
export async function bench(
  { loads, bootstrap, jsonFile, workDirectory, limits }: BenchArguments,
  print: (line: string) => void,
): Promise<readonly Measurement[]> {
  const fdatasync = measureFdatasync(workDirectory)
  print(describeMachine())
  print(describeConfinement())
  print(describeFdatasync(fdatasync))
  const measurements: Measurement[] = []
  const announce = ({ name, summary }: Load): void => print(`running ${name}: ${summary}`)
  const shared = loads.filter(isRunning)
  if (shared.length > 0) {
    const start = () =>
      bootstrap ? Promise.resolve(attachTo(bootstrap)) : startGlasslog(workDirectory)
    await withTarget(start, async (target) => {
      print(`${target.name} ${target.version} (${target.command})`)
      for (const load of shared) {
        announce(load)
        measurements.push(await runLoad(load, target, { ...limits, onProgress: print }))
      }
    })
  }
  for (const load of loads.filter((one) => !isRunning(one))) {
    announce(load)
    const options = { syncDelayMs: syncDelayMsOf(load) }
    const install = () => installGlasslog(workDirectory, options)
    const run = await runOwn(load, install, { ...limits, onProgress: print })
    measurements.push(run.measurement)
  }
  print(`\n${renderPlain(measurementsTable(measurements))}`)
  if (jsonFile !== null) {
    const report = { machine: describeMachine(), fdatasync, measurements }
    await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`)
  }
  return measurements
}
