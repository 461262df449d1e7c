import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { EXIT } from './exit-codes.ts'
import { SupervisedProcess } from './supervised-process.ts'

const { execPath, argv } = process
let directory: string | undefined
afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(process, { execPath, argv })
  if (directory) rmSync(directory, { recursive: true })
})

it('does not begin after it was stopped', async () => {
  const child = new SupervisedProcess('monitor', [], ['console'])
  child.stop()
  expect(await child.run()).toBe(EXIT.ok)
})

/** Says that it is ready, then crashes; ends well when it is started again. */
const CRASHES_ONCE = `
import { existsSync, writeFileSync } from 'node:fs'
const mark = new URL('began', import.meta.url)
if (existsSync(mark)) process.exit(0)
writeFileSync(mark, '')
process.stdout.write('glasslog ready console=http://127.0.0.1:1 pid=1\\n')
setTimeout(() => process.exit(1), 100)
`

it('says by which signal it ended', async () => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-child-'))
  const main = join(directory, 'main.mjs')
  writeFileSync(
    main,
    CRASHES_ONCE.replace('process.exit(1)', "process.kill(process.pid, 'SIGKILL')"),
  )
  process.argv = [execPath, main]
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(await new SupervisedProcess('monitor', [], ['console']).run()).toBe(EXIT.ok)
  expect(told.mock.calls.map(([line]) => JSON.parse(String(line)) as object)).toMatchObject([
    { msg: 'the monitor ended, starting it again', exitCode: 137 },
  ])
})

it('is started again after the machine could not start it', async () => {
  directory = mkdtempSync(join(tmpdir(), 'glasslog-child-'))
  const main = join(directory, 'main.mjs')
  writeFileSync(main, CRASHES_ONCE)
  process.argv = [execPath, main]
  const logged: string[] = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => {
    const { msg } = JSON.parse(line) as { msg: string }
    logged.push(msg)
    if (msg.includes('could not be started')) process.execPath = execPath
  })
  const child = new SupervisedProcess('monitor', [], ['console'])
  const end = child.run()
  await child.ready
  process.execPath = join(directory, 'nothing')
  expect(await end).toBe(EXIT.ok)
  expect(logged).toEqual([
    'the monitor ended, starting it again',
    'the monitor could not be started',
    'the monitor ended, starting it again',
  ])
})
