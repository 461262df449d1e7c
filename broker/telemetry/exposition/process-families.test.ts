import { closeSync, openSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Family, Sample } from '../family.ts'
import { ProcessFamilies } from './process-families.ts'

function readValue(families: readonly Family[], name: string): number {
  const [family, another] = families.filter((each) => each.name === name)
  if (!family || another) throw new Error(`${name} is there not once`)
  const [sample] = [...(family.samples() as Iterable<Sample>)]
  return sample?.value ?? Number.NaN
}

it.runIf(process.platform === 'linux')('tells how many files are open', async () => {
  const ofProcess = new ProcessFamilies()
  const before = readValue(await ofProcess.collect(), 'process_open_fds')
  const opened = Array.from({ length: 300 }, () => openSync(import.meta.filename, 'r'))
  const after = readValue(await ofProcess.collect(), 'process_open_fds')
  for (const file of opened) closeSync(file)
  expect(Math.abs(after - before - opened.length)).toBeLessThan(20)
  expect(after).toBeLessThan(readValue(await ofProcess.collect(), 'process_max_fds'))
})
