import { dirname, join } from 'node:path'
import type { Disk, DiskFile, Logger } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import { crc32c } from '../../protocol/index.ts'
import { AlertingState } from './alerting-state.ts'
import type { AlertingEvent } from './event.ts'

const MAGIC = Buffer.from('glasslog alerting state 1\n')
const ANY_VERSION = /^glasslog alerting state (\d+)\n/
const HEADER_BYTES = 8
/** A snapshot is written in pieces of so many events, so that no single text gets huge. */
const EVENTS_PER_FRAME = 500
/** A file is written anew when what came after its snapshot is larger than that, and than the snapshot. */
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024
const FILE_NAME = /^state-(\d{1,15})\.log$/

/** The directory was written by a newer program. */
export class AlertingVersionError extends Error {
  override readonly name: string = 'AlertingVersionError'
}

/**
 * Keeps alerting's state over restarts: events in the order in which they were applied.
 *
 *     file  := magic, snapshot frame*, frame "ready", frame*
 *     frame := size u32, CRC-32C u32, JSON list of events       (little-endian)
 *
 * A new file starts with a snapshot, and counts only once its frame "ready" is durable; until then the
 * one before it is there. What a crash cut short at the end of a file was never reported as kept.
 */
export class StateLog {
  readonly state: AlertingState
  readonly #disk: Disk
  readonly #directory: string
  readonly #logger: Logger
  #number: number
  #file: DiskFile | null = null
  #size = 0
  #snapshotBytes = 0
  #pending: AlertingEvent[] = []
  #writing: Promise<void> = Promise.resolve()
  #nextCommit: Promise<void> | null = null

  private constructor(
    disk: Disk,
    directory: string,
    logger: Logger,
    state: AlertingState,
    number: number,
  ) {
    this.#disk = disk
    this.#directory = directory
    this.#logger = logger
    this.state = state
    this.#number = number
  }

  /** Reads what is there; throws an AlertingVersionError for files of a newer program. */
  static async open(disk: Disk, directory: string, logger: Logger): Promise<StateLog> {
    await disk.makeDirectory(directory)
    await disk.syncDirectory(dirname(directory))
    const numbers = (await disk.list(directory))
      .map((name) => Number(FILE_NAME.exec(name)?.[1] ?? -1))
      .filter((number) => number >= 0)
      .sort((a, b) => b - a)
    let state: AlertingState | null = null
    for (const number of numbers) {
      state = await readState(disk, join(directory, fileName(number)))
      if (state) break
    }
    const log = new StateLog(disk, directory, logger, state ?? new AlertingState(), numbers[0] ?? 0)
    // Always a new file: whatever the end of the old one looks like, nothing is written behind it.
    await log.#startFile()
    return log
  }

  /** Changes the state at once; `commit` makes it last. */
  apply(event: AlertingEvent): void {
    this.state.apply(event)
    this.#pending.push(event)
  }

  /** Changes the state only until a restart: what will be told again anyway, and often. */
  applyVolatile(event: AlertingEvent): void {
    this.state.apply(event)
  }

  /**
   * Resolves once everything applied before is durable; rejects with the disk's error. Calls that come
   * while the disk works share the next write. After a failure the next commit writes all in a new file.
   */
  commit(): Promise<void> {
    if (this.#nextCommit) return this.#nextCommit
    const commit = this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#nextCommit = null
        return this.#write()
      })
    this.#nextCommit = commit
    this.#writing = commit
    return commit
  }

  async close(): Promise<void> {
    await this.commit().catch((error: unknown) => {
      this.#logger.error({ err: error }, 'the last changes of alerting are not kept')
    })
    await this.#file?.close()
    this.#file = null
  }

  async #write(): Promise<void> {
    if (this.#pending.length === 0 && this.#file) return
    const tailBytes = this.#size - this.#snapshotBytes
    if (!this.#file || tailBytes > Math.max(MIN_COMPACTION_BYTES, this.#snapshotBytes))
      return this.#startFile()
    const frames = framesOf(this.#pending)
    this.#pending = []
    const file = this.#file
    try {
      await file.write(frames, this.#size)
      await file.sync()
      this.#size += byteLength(frames)
    } catch (error) {
      // After a failed sync nobody knows what the file holds.
      this.#file = null
      await file.close().catch(() => undefined)
      throw error
    }
  }

  /** Writes the whole state into the next file, and removes those before it. */
  async #startFile(): Promise<void> {
    this.#pending = []
    const number = ++this.#number
    const path = join(this.#directory, fileName(number))
    const frames = [MAGIC, ...framesOf(this.state.snapshot()), frameOf('ready')]
    const old = this.#file
    this.#file = null
    await old?.close()
    await this.#disk.remove(path)
    const file = await this.#disk.open(path, 'create')
    try {
      await file.write(frames, 0)
      await file.sync()
      await this.#disk.syncDirectory(this.#directory)
    } catch (error) {
      await file.close().catch(() => undefined)
      throw error
    }
    this.#file = file
    this.#size = byteLength(frames)
    this.#snapshotBytes = this.#size
    await this.#removeBefore(number)
  }

  async #removeBefore(number: number): Promise<void> {
    try {
      for (const name of await this.#disk.list(this.#directory)) {
        const found = FILE_NAME.exec(name)?.[1]
        if (found !== undefined && Number(found) < number)
          await this.#disk.remove(join(this.#directory, name))
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'old files of alerting are still there')
    }
  }
}

function fileName(number: number): string {
  return `state-${number}.log`
}

function* chunksOf<T>(items: Iterable<T>, size: number): Iterable<T[]> {
  let chunk: T[] = []
  for (const item of items) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function framesOf(events: Iterable<AlertingEvent>): Buffer[] {
  return Array.from(chunksOf(events, EVENTS_PER_FRAME), frameOf)
}

function frameOf(value: readonly AlertingEvent[] | 'ready'): Buffer {
  const payload = Buffer.from(JSON.stringify(value))
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(crc32c(payload), 4)
  return Buffer.concat([header, payload])
}

function byteLength(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

/** The state of a file, or null when its snapshot is not complete. */
async function readState(disk: Disk, path: string): Promise<AlertingState | null> {
  const bytes = await readWholeFile(disk, path)
  if (bytes === null) return null
  const version = Number(ANY_VERSION.exec(bytes.toString('latin1', 0, 64))?.[1] ?? 0)
  if (version > 1) throw new AlertingVersionError(`${path} has version ${version}, known is 1`)
  if (version < 1) return null
  const state = new AlertingState()
  let isReady = false
  let at = MAGIC.length
  while (at + HEADER_BYTES <= bytes.length) {
    const size = bytes.readUInt32LE(at)
    const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size)
    // Zeroes, as a crash leaves them, are a frame of nothing with the right checksum.
    if (size === 0 || payload.length < size || crc32c(payload) !== bytes.readUInt32LE(at + 4)) break
    // Bytes with the right checksum are those that were written.
    const value = JSON.parse(payload.toString()) as readonly AlertingEvent[] | 'ready'
    if (value === 'ready') isReady = true
    else for (const event of value) state.apply(event)
    at += HEADER_BYTES + size
  }
  return isReady ? state : null
}
