import { dirname } from 'node:path'
import type { Disk, DiskFile } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { Handed, PlacedOperation } from './operation.ts'

/** The outbox was written by a newer program. */
export class OutboxVersionError extends Error {
  override readonly name: string = 'OutboxVersionError'
}

/** What an outbox knows. */
export interface OutboxContent {
  readonly outboxId: string
  /** Position of the next operation. */
  nextPosition: number
  /** Not handed over yet, in order. */
  readonly waiting: Map<string, PlacedOperation>
  /** What became of the newest ones that were, by id. */
  readonly handed: Map<string, Handed>
}

type Line =
  | { readonly kind: 'outbox'; readonly version: 1; readonly id: string; readonly next: number }
  | { readonly kind: 'operation'; readonly operation: PlacedOperation }
  | { readonly kind: 'handed'; readonly id: string; readonly result: Handed }

/** What became of that many operations is remembered, for those who add one again after a crash. */
const MAX_HANDED = 1_000
/** A file is written anew when it is larger than that and than twice what is in it. */
const MIN_COMPACTION_BYTES = 256 * 1024

/**
 * The outbox on disk: a file of lines of JSON, of which the last one may have been cut by a crash. It is
 * written anew, whole, at each start and when most of it is over.
 */
export class OutboxFile {
  readonly content: OutboxContent
  readonly #disk: Disk
  readonly #path: string
  #file: DiskFile | null = null
  #size = 0
  #fullSize = 0

  private constructor(disk: Disk, path: string, content: OutboxContent) {
    this.#disk = disk
    this.#path = path
    this.content = content
  }

  /** `newId` names an outbox that is new. Throws an OutboxVersionError, or the disk's error. */
  static async open(disk: Disk, path: string, newId: () => string): Promise<OutboxFile> {
    await disk.makeDirectory(dirname(path))
    await disk.syncDirectory(dirname(dirname(path)))
    const bytes = await readWholeFile(disk, path)
    const content = bytes === null ? null : readContent(path, bytes.toString())
    const file = new OutboxFile(disk, path, content ?? emptyOutbox(newId()))
    await file.#writeAnew()
    return file
  }

  /** Makes changes durable, and then tells `content` of them. Calls must not overlap. */
  async write(lines: readonly Line[]): Promise<void> {
    if (this.#file === null || this.#size > Math.max(MIN_COMPACTION_BYTES, 2 * this.#fullSize))
      await this.#writeAnew()
    const bytes = Buffer.from(textOf(lines))
    const file = this.#file
    if (file === null) return
    try {
      await file.write([bytes], this.#size)
      await file.sync()
    } catch (error) {
      // After a failed sync nobody knows what the file holds: the next write writes all of it.
      this.#file = null
      await file.close().catch(() => undefined)
      throw error
    }
    this.#size += bytes.length
    for (const line of lines) applyLine(this.content, line)
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }

  async #writeAnew(): Promise<void> {
    await this.close()
    const bytes = Buffer.from(textOf(linesOf(this.content)))
    await replaceFile(this.#disk, this.#path, bytes)
    this.#file = await this.#disk.open(this.#path, 'write')
    this.#size = bytes.length
    this.#fullSize = bytes.length
  }
}

function emptyOutbox(outboxId: string): OutboxContent {
  return { outboxId, nextPosition: 1, waiting: new Map(), handed: new Map() }
}

function* linesOf({ outboxId, nextPosition, waiting, handed }: OutboxContent): Iterable<Line> {
  yield { kind: 'outbox', version: 1, id: outboxId, next: nextPosition }
  for (const [id, result] of handed) yield { kind: 'handed', id, result }
  for (const operation of waiting.values()) yield { kind: 'operation', operation }
}

function textOf(lines: Iterable<Line>): string {
  return Array.from(lines, (line) => `${JSON.stringify(line)}\n`).join('')
}

/** Null for a file that has not even a beginning. */
function readContent(path: string, text: string): OutboxContent | null {
  let content: OutboxContent | null = null
  for (const part of text.split('\n').slice(0, -1)) {
    const line = parseLine(part)
    if (line === null) break
    if (line.kind === 'outbox' && line.version > 1)
      throw new OutboxVersionError(`${path} has version ${line.version}, known is 1`)
    if (line.kind === 'outbox') content ??= emptyOutbox(line.id)
    if (content !== null) applyLine(content, line)
  }
  return content
}

/** Null for what a crash has left of a line. */
function parseLine(text: string): Line | null {
  try {
    return JSON.parse(text) as Line
  } catch {
    return null
  }
}

function applyLine(content: OutboxContent, line: Line): void {
  switch (line.kind) {
    case 'outbox':
      content.nextPosition = line.next
      break
    case 'operation':
      content.waiting.set(line.operation.id, line.operation)
      content.nextPosition = Math.max(content.nextPosition, line.operation.position + 1)
      break
    case 'handed': {
      content.waiting.delete(line.id)
      content.handed.set(line.id, line.result)
      const [oldest] = content.handed.keys()
      if (content.handed.size > MAX_HANDED && oldest !== undefined) content.handed.delete(oldest)
      break
    }
    default:
      line satisfies never
  }
}
