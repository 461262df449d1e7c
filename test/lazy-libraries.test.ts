import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * What a broker loads when it starts decides how soon it is there and what it takes for ever after.
 * Libraries, and rooms of ours, that only some need are loaded by those: with the first use, by a
 * dynamic import or a require.
 */

const ROOT = join(import.meta.dirname, '..')
const START = 'broker/broker.ts'
const LAZY = [
  ...['@opentelemetry/', 're2js', 'protobufjs', 'avsc', 'prom-client', 'node:http'],
  ...['broker/telemetry/', 'broker/tracing/', 'broker/admin/routes/'],
]

/** Imports that remain when types are stripped; dynamic ones are not among them. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm

/** Files that are loaded with `start`, and the libraries that they load; each with how one gets there. */
function loadedWith(start: string): ReadonlyMap<string, string> {
  const found = new Map([[start, start]])
  const queue = [start]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const file = join(ROOT, path)
    if (!existsSync(file)) continue
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(STATIC)) {
      const isOurs = target.startsWith('.')
      const name = isOurs ? normalize(join(dirname(path), target)) : target
      if (found.has(name)) continue
      found.set(name, `${found.get(path)} -> ${name}`)
      if (isOurs) queue.push(name)
    }
  }
  return found
}

describe('a broker that starts', () => {
  const loaded = loadedWith(START)

  it.each(LAZY)('does not load %s', (library) => {
    const ways = [...loaded].filter(([name]) => name.startsWith(library)).map(([, way]) => way)
    expect(ways).toEqual([])
  })

  it('loads what this test should see', () => {
    expect(loaded.has('broker/network/kafka-server.ts')).toBe(true)
    expect(loaded.has('@node-rs/crc32')).toBe(true)
  })
})
