import { writeFile } from 'node:fs/promises'
import type { BenchArguments } from './arguments.ts'
import { measureFdatasync } from './measure/fdatasync.ts'
import { describeFdatasync, describeMachine } from './report/machine.ts'
import { measurementsTable } from './report/measurements-table.ts'
import { renderPlain } from './report/table.ts'
import type { Measurement } from './run/measurement.ts'
import { runLoad } from './run/run-load.ts'
import { describeConfinement } from './target/confinement.ts'
import { startGlasslog } from './target/glasslog.ts'
import { attachTo } from './target/target.ts'
import { withTarget } from './target/with-target.ts'

/**
 * Runs the loads one after another against one broker and prints what they measured. Throws a
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
  const start = () =>
    bootstrap ? Promise.resolve(attachTo(bootstrap)) : startGlasslog(workDirectory)
  const measurements = await withTarget(start, async (target) => {
    print(`${target.name} ${target.version} (${target.command})`)
    const done: Measurement[] = []
    for (const load of loads) {
      print(`running ${load.name}: ${load.summary}`)
      done.push(await runLoad(load, target, limits))
    }
    return done
  })
  print(`\n${renderPlain(measurementsTable(measurements))}`)
  if (jsonFile !== null) {
    const report = { machine: describeMachine(), fdatasync, measurements }
    await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`)
  }
  return measurements
}
