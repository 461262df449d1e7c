import { readFile } from 'node:fs/promises'
import { EXIT } from '../exit-codes.ts'

/** The release, from package.json: one place to change it. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return version
}

/** `glasslog version` */
export async function version(_args: readonly string[]): Promise<number> {
  console.log(`glasslog ${await readVersion()} (node ${process.version})`)
  return EXIT.ok
}
