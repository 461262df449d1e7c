import type { Document, Node, YAMLMap } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { abbreviate } from '../../kit/index.ts'
import { parseDuration } from '../routing/duration.ts'

/** One thing that is wrong with a configuration, and where. */
export interface ConfigFault {
  /** Such as `route.routes[0].receiver`. */
  readonly path: string
  /** From 1; of what is wrong, or of what lacks something. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** All faults of a configuration at once. */
export class AlertingConfigError extends Error {
  override readonly name: string = 'AlertingConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(formatFault).join('\n'))
    this.faults = faults
  }
}

export function formatFault({ path, line, column, message }: ConfigFault): string {
  return `${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`
}

const MAX_TEXT_LENGTH = 1024 * 1024
const MAX_FAULTS = 100
/** Aliases could make a tree without end. */
const MAX_DEPTH = 64

/** A YAML text that is read key by key: what is wrong is noted with its position, and reading goes on. */
export class YamlReader {
  readonly #document: Document
  readonly #lines = new LineCounter()
  readonly #faults: ConfigFault[] = []

  /** Whose secrets have names and lie elsewhere; null for a file, whose secrets are in files and variables. */
  readonly secretsOf: string | null

  constructor(text: string, secretsOf: string | null = null) {
    this.secretsOf = secretsOf
    const isTooLong = text.length > MAX_TEXT_LENGTH
    this.#document = parseDocument(isTooLong ? '' : text, {
      lineCounter: this.#lines,
      prettyErrors: false,
    })
    if (isTooLong) this.fault(null, '', `more than ${MAX_TEXT_LENGTH} characters`)
    for (const { message, pos } of this.#document.errors) this.#faultAt(pos[0], '', message)
  }

  /** The whole text as a map. */
  root(): MapReader | null {
    if (this.#faults.length > 0) return null
    return this.map(this.#document.contents, '')
  }

  get faults(): readonly ConfigFault[] {
    return this.#faults
  }

  fault(node: unknown, path: string, message: string): void {
    this.#faultAt((node as Node | null)?.range?.[0] ?? 0, path, message)
  }

  #faultAt(offset: number, path: string, message: string): void {
    if (this.#faults.length >= MAX_FAULTS) return
    const { line, col } = this.#lines.linePos(offset)
    this.#faults.push({ path, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }

  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  map(node: unknown, path: string): MapReader | null {
    const found = this.resolve(node)
    if (path.split('.').length > MAX_DEPTH) this.fault(node, path, 'too deep')
    else if (isMap(found)) return new MapReader(this, found, path)
    else this.fault(node, path, 'must be a map of keys')
    return null
  }

  /** A text, or what YAML takes for a number or a truth value but stands where a text must. */
  text(node: unknown, path: string): string | null {
    const found = this.resolve(node)
    if (isScalar(found) && typeof found.value !== 'object') {
      return typeof found.value === 'string' ? found.value : (found.source ?? String(found.value))
    }
    this.fault(node, path, 'must be a text')
    return null
  }

  items(node: unknown, path: string): readonly (readonly [node: unknown, path: string])[] {
    const found = this.resolve(node)
    if (isSeq(found)) return found.items.map((item, at) => [item, `${path}[${at}]`] as const)
    this.fault(node, path, 'must be a list')
    return []
  }
}

/** A map of a configuration. Every getter notes what is wrong and answers the default then. */
export class MapReader {
  readonly path: string
  readonly #reader: YamlReader
  readonly #map: YAMLMap
  readonly #asked = new Set<string>()

  constructor(reader: YamlReader, map: YAMLMap, path: string) {
    this.#reader = reader
    this.#map = map
    this.path = path
  }

  /** See YamlReader. */
  get secretsOf(): string | null {
    return this.#reader.secretsOf
  }

  has(name: string): boolean {
    return this.node(name) !== undefined
  }

  /** The node of a key; undefined where it is not there, or is empty. */
  node(name: string): unknown {
    this.#asked.add(name)
    const node = this.#reader.resolve(this.#map.get(name, true))
    return isScalar(node) && node.value === null ? undefined : (node ?? undefined)
  }

  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  /** Notes that something is wrong with a key, or with the whole map where it is missing. */
  fault(name: string | null, message: string): void {
    const node = name === null ? undefined : this.#map.get(name, true)
    this.#reader.fault(node ?? this.#map, name === null ? this.path : this.pathOf(name), message)
  }

  text(name: string): string | null {
    const node = this.node(name)
    return node === undefined ? null : this.#reader.text(node, this.pathOf(name))
  }

  requiredText(name: string): string {
    const text = this.text(name)
    if (text === null && !this.has(name)) this.fault(name, `${name} is missing`)
    else if (text === '') this.fault(name, 'must not be empty')
    return text ?? ''
  }

  boolean(name: string, otherwise: boolean): boolean {
    const node = this.node(name)
    if (node === undefined) return otherwise
    if (isScalar(node) && typeof node.value === 'boolean') return node.value
    this.fault(name, 'must be true or false')
    return otherwise
  }

  number(name: string, otherwise: number, min: number, max: number): number {
    const node = this.node(name)
    if (node === undefined) return otherwise
    const value = isScalar(node) ? node.value : null
    if (typeof value === 'number' && value >= min && value <= max) return value
    this.fault(name, `must be a number from ${min} to ${max}`)
    return otherwise
  }

  durationMs(name: string, otherwiseMs: number, minMs = 0): number {
    const text = this.text(name)
    if (text === null) return otherwiseMs
    const ms = parseDuration(text)
    if (ms !== null && ms >= minMs) return ms
    this.fault(name, ms === null ? `not a duration: ${shown(text)}` : 'is too short')
    return otherwiseMs
  }

  oneOf<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const text = this.text(name)
    if (text === null) return otherwise
    const found = known.find((one) => one === text)
    if (found !== undefined) return found
    this.fault(name, `must be one of ${known.join(', ')}, not ${shown(text)}`)
    return otherwise
  }

  /** Each item of a list; none where the key is missing. */
  list<T>(name: string, read: (node: unknown, path: string) => T | null): T[] {
    const node = this.node(name)
    if (node === undefined) return []
    return this.#reader
      .items(node, this.pathOf(name))
      .map(([item, path]) => read(item, path))
      .filter((item) => item !== null)
  }

  texts(name: string): string[] {
    return this.list(name, (node, path) => this.#reader.text(node, path))
  }

  maps<T>(name: string, read: (map: MapReader) => T | null): T[] {
    return this.list(name, (node, path) => {
      const map = this.#reader.map(node, path)
      const value = map && read(map)
      map?.finish()
      return value
    })
  }

  /** A map within; `read` gets null where there is none. */
  map<T>(name: string, read: (map: MapReader | null) => T): T {
    const node = this.node(name)
    const map = node === undefined ? null : this.#reader.map(node, this.pathOf(name))
    const value = read(map)
    map?.finish()
    return value
  }

  /** All pairs of a map of texts. */
  record(name: string): Record<string, string> {
    return this.map(name, (map) => {
      const pairs = (map?.keys() ?? []).map((key) => [key, map?.text(key) ?? ''] as const)
      return Object.fromEntries(pairs)
    })
  }

  keys(): string[] {
    return this.#map.items.map(({ key }) => String(isScalar(key) ? key.value : key))
  }

  /** Notes every key that nobody asked for. */
  finish(): void {
    for (const { key } of this.#map.items) {
      const name = String(isScalar(key) ? key.value : key)
      if (this.#asked.has(name)) continue
      this.#reader.fault(key, this.pathOf(abbreviate(name, 60)), 'unknown key')
    }
  }
}

export function shown(text: string): string {
  return JSON.stringify(abbreviate(text, 80))
}
