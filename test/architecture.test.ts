import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * The house's floors (ARCHITECTURE.md): an import points down or stays in its room, goes through
 * the other room's `index.ts`, and never runs in a circle; every file is used by another one.
 */

const root = join(import.meta.dirname, '..')

/** Rooms from the ground up. Rooms on one line are neighbours and do not import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['kit'],
  ['protocol'],
  ['audit'],
  ['alerting'],
  ['broker/events'],
  ['broker/log'],
  ['broker/control'],
  ['broker/backup'],
  ['broker/security', 'broker/quotas', 'broker/client-metrics'],
  ['broker/groups'],
  ['broker/handlers'],
  ['broker/network', 'broker/tracing'],
  ['broker/telemetry'],
  ['broker/admin'],
  ['monitor/metrics'],
  ['monitor/promql'],
  ['monitor/series'],
  ['monitor/scrape', 'monitor/query'],
  ['monitor/cluster', 'monitor/outbox'],
  ['monitor/disk', 'monitor/charts'],
  ['monitor/lag', 'monitor/probe'],
  ['monitor/inspections'],
  ['monitor/diagnose'],
  ['broker', 'monitor'],
  ['console', 'bench', 'dashboards'],
  ['cli'],
  ['docs'],
  ['test'],
]

/** Files that nobody imports because something outside of TypeScript starts them. */
const ENTRY_POINTS = [
  /^cli\/main\.ts$/,
  /^bench\/((audit|disk|monitor|peers|picture|table|telemetry)\/)?main\.ts$/,
  /^docs\/generate\/main\.ts$/,
  /^dashboards\/main\.ts$/,
  /^test\//,
  /\.config\.ts$/,
  /\.d\.ts$/,
  /^[^/]+\/testing\.ts$/,
  /\/contract\.ts$/,
]

interface SourceFile {
  readonly path: string
  readonly isTest: boolean
  readonly imports: readonly string[]
}

function listSources(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.name === 'node_modules' || entry.name.startsWith('.') || entry.name === 'clients')
      return []
    if (entry.isDirectory()) return listSources(path)
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : []
  })
}

/** Static and dynamic imports, re-exports, and files named for a worker by `new URL(..., import.meta.url)`. */
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+|\bnew URL\(\s*)['"](\.{1,2}\/[^'"]+)['"]/g

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8').replace(/^\s*\*.*$/gm, '')
  const imports = [...text.matchAll(IMPORT)].map((match) =>
    normalize(join(dirname(path), match[1] ?? '')),
  )
  return { path, isTest: /\.test\.ts$/.test(path), imports }
}

const sources = listSources('.').map((path) => readSource(relative('.', path)))
const byPath = new Map(sources.map((source) => [source.path, source]))

function roomOf(path: string): string {
  const rooms = FLOORS.flat().filter((room) => path.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0] ?? '(root)'
}

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room))

/** What tests may use from anywhere: support files that exist for them. */
const isForTests = (path: string): boolean =>
  path.startsWith('test/') || /\/(testing|contract)\.ts$/.test(path)

describe('architecture', () => {
  const production = sources.filter((source) => !source.isTest && !source.path.startsWith('test/'))

  it('puts every source file into a room', () => {
    const homeless = production
      .filter((source) => source.path.includes('/'))
      .filter((source) => roomOf(source.path) === '(root)')
    expect(homeless.map((source) => source.path)).toEqual([])
  })

  it('imports only files that exist', () => {
    const missing = sources.flatMap((source) =>
      source.imports
        .filter((target) => /\.tsx?$/.test(target) && !byPath.has(target))
        .map((target) => `${source.path} -> ${target}`),
    )
    expect(missing).toEqual([])
  })

  it('has no import that points up or sideways to another room', () => {
    const upward = production.flatMap((source) => {
      const room = roomOf(source.path)
      return source.imports
        .filter((target) => byPath.has(target) && roomOf(target) !== room)
        .filter((target) => floorOf(roomOf(target)) >= floorOf(room))
        .map((target) => `${source.path} -> ${target}`)
    })
    expect(upward).toEqual([])
  })

  it("reaches other rooms through their index.ts, tests' support aside", () => {
    const reaches = sources.flatMap((source) => {
      const room = roomOf(source.path)
      return source.imports
        .filter((target) => byPath.has(target) && roomOf(target) !== room)
        .filter(
          (target) => target !== `${roomOf(target)}/index.ts` && target !== 'broker/broker.ts',
        )
        .filter((target) => !(isForTests(target) && (source.isTest || isForTests(source.path))))
        .map((target) => `${source.path} -> ${target}`)
    })
    expect(reaches).toEqual([])
  })

  it('has no circles', () => {
    expect(circles(production)).toEqual([])
  })

  it('has no file that nobody imports', () => {
    const imported = new Set(sources.flatMap((source) => source.imports))
    const unused = sources
      .filter((source) => !source.isTest && !imported.has(source.path))
      .filter((source) => !ENTRY_POINTS.some((pattern) => pattern.test(source.path)))
    expect(unused.map((source) => source.path)).toEqual([])
  })

  it('reads clock, timers, randomness and the disk only through the ports of kit/', () => {
    const forbidden =
      /\b(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval)\s*\(|['"]node:(?:fs|fs\/promises)['"]/
    const readers = production
      .filter((source) => !/^(kit|cli)\//.test(source.path) && !/^[^/]+$/.test(source.path))
      .filter(
        (source) => !isForTests(source.path) && !/^(bench|dashboards|docs)\//.test(source.path),
      )
      .filter((source) =>
        forbidden.test(withoutComments(readFileSync(join(root, source.path), 'utf8'))),
      )
      .map((source) => source.path)
      .filter((path) => !DISK_ADAPTERS.includes(path))
    expect(readers).toEqual([])
  })
})

/** Adapters of ports that are not kit's: the journal's own threads write its files themselves, and leave one to be closed. */
const DISK_ADAPTERS: readonly string[] = [
  'broker/log/journal/close-descriptor.ts',
  'broker/log/journal/worker-thread.ts',
]

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}

/** Each circle once, as the path that closes it. Type-only imports count: they bind rooms as well. */
function circles(files: readonly SourceFile[]): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (at: string): void => {
    const start = path.indexOf(at)
    if (start >= 0) found.push([...path.slice(start), at].join(' -> '))
    if (start >= 0 || done.has(at)) return
    path.push(at)
    for (const target of byPath.get(at)?.imports ?? []) if (byPath.has(target)) visit(target)
    path.pop()
    done.add(at)
  }
  for (const file of files) visit(file.path)
  return found
}
