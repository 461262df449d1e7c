import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const module = join(import.meta.dirname, 'stop-signals.ts')

it('is not killed by the second signal of one Ctrl-C while it stops', async () => {
  const program = `
    const { askedToStop } = await import(${JSON.stringify(module)})
    const asked = askedToStop()
    console.log('ready')
    process.stdin.resume()
    process.exitCode = await asked
    console.log('stopping')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  child.stdin.end()
  expect(await exited).toEqual([0, null])
})
