import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { versions } from '../versions.ts'
import { cached, clientsDir, copyInto, sourcesOf } from './cache.ts'
import { runOrThrow } from './child.ts'

const BUILD_TIMEOUT_MS = 600_000

let building: Promise<string> | undefined

/** Builds all Go clients as one module and returns the path of the named one's program. */
export async function buildGoClient(name: string): Promise<string> {
  building ??= build()
  return join(await building, 'bin', name)
}

async function build(): Promise<string> {
  const source = join(clientsDir, 'go')
  const required = Object.entries(versions.go).map(([module, version]) => `${module}@${version}`)
  return await cached('go', `${required.join('\n')}\n${sourcesOf(source)}`, async (target) => {
    copyInto(target, source)
    writeFileSync(join(target, 'go.mod'), 'module glasslog.test/interop\n\ngo 1.21\n')
    const go = (...args: string[]): Promise<string> =>
      runOrThrow('go', args, { cwd: target, timeoutMs: BUILD_TIMEOUT_MS })
    await go('get', ...required)
    await go('mod', 'tidy')
    await go('build', '-o', 'bin/', './franz-go', './sarama', './logins')
  })
}
