import { join } from 'node:path'
import { versions } from '../versions.ts'
import { cached } from './cache.ts'
import { runOrThrow } from './child.ts'

const INSTALL_TIMEOUT_MS = 300_000

let building: Promise<string> | undefined

/** The interpreter of the one virtual environment that holds all Python clients. */
export function pythonOf(): Promise<string> {
  building ??= build()
  return building
}

async function build(): Promise<string> {
  const packages = Object.entries(versions.python).map(([name, version]) => `${name}==${version}`)
  const directory = await cached('python', packages.join('\n'), async (target) => {
    await runOrThrow('python3', ['-m', 'venv', target], { timeoutMs: INSTALL_TIMEOUT_MS })
    await runOrThrow(
      join(target, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
      { timeoutMs: INSTALL_TIMEOUT_MS },
    )
  })
  return join(directory, 'bin', 'python')
}
