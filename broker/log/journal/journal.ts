import type { Logger, Random } from '../../../kit/index.ts'
import type { Chunk } from '../memory/arena.ts'
import { Memory } from '../memory/memory.ts'
import { Queue } from '../queue.ts'
import type { JournalDevice, JournalDeviceFactory } from './device.ts'
import { JOURNAL_HEADER_BYTES, putJournalHeader } from './file-header.ts'
import { sealFrame } from './frame.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'

/** A frame on its way: laid out in the arena, and not known to be durable. */
export interface JournalFrame {
  readonly chunk: Chunk
  readonly start: number
  readonly lengthBytes: number
  readonly entryCount: number
  /** Given by the journal. */
  sequence: number
  /** Set by the journal once its bytes are in the file. */
  written: boolean
}

export interface JournalEvents<Frame extends JournalFrame> {
  /** In the order of the sequences; every frame is written before it is durable. */
  onWritten(frame: Frame): void
  onDurable(frame: Frame): void
  /** After a round of the two above. */
  onSettled(): void
  /** There may be room where there was none. */
  onRoom(): void
  /** Nothing can be journaled any more. Frames that are pending stay so. */
  onFailed(error: Error): void
}

interface Submitted<Frame> {
  /** Undefined for the header of a file. */
  readonly frame: Frame | undefined
  /** Count of device writes up to and including it. */
  readonly ticket: number
}

interface Waiter {
  readonly ticket: number
  readonly resolve: (isDurable: boolean) => void
}

/** Failed devices in a row after which the journal gives up. */
const MAX_FAILURES_IN_ROW = 3
/** Memory id that the arena never gives. */
const HEADER_MEMORY_ID = 0

export interface JournalOptions {
  readonly device: JournalDeviceFactory
  readonly files: JournalFiles
  readonly fileBytes: number
  /** Free files that only privileged frames may begin. */
  readonly reserveFiles: number
  readonly logger: Logger
  /** For the nonces of files. */
  readonly random: Random | undefined
  readonly nextFileId: number
  readonly nextSequence: number
}

/**
 * The journal as the main thread sees it: gives frames their sequence and place, hands them to the
 * device, and tells in order when they are written and durable. After a failed write or sync it
 * takes a new device and a new file and writes every frame that was not durable again, from memory.
 */
export class Journal<Frame extends JournalFrame> {
  readonly #options: JournalOptions
  readonly #events: JournalEvents<Frame>
  readonly #headers: Memory
  readonly #memories = new Map<number, Memory>()
  readonly #pending = new Queue<Submitted<Frame>>()
  readonly #waiters = new Queue<Waiter>()
  #device: JournalDevice
  #active: JournalFile | undefined
  #fileId = 0
  #nonce = 0
  #nextFileId: number
  #position = 0
  #nextSequence: number
  #durableSequence: number
  #submitted = 0
  /** How many at the front of `#pending` are known to be written. */
  #announced = 0
  #suspended = false
  #restartCount = 0
  #failuresInRow = 0
  #restarting: Promise<void> | undefined
  #closed = false

  constructor(options: JournalOptions, events: JournalEvents<Frame>) {
    this.#options = options
    this.#events = events
    this.#headers = new Memory(HEADER_MEMORY_ID, JOURNAL_HEADER_BYTES * 64)
    this.#nextFileId = options.nextFileId
    this.#nextSequence = options.nextSequence
    this.#durableSequence = options.nextSequence - 1
    this.#device = this.#makeDevice()
  }

  /** Sequence that the next frame gets. */
  get nextSequence(): number {
    return this.#nextSequence
  }

  /** Higher than the id of any file so far. */
  get nextFileId(): number {
    return this.#nextFileId
  }

  get durableSequence(): number {
    return this.#durableSequence
  }

  get pendingFrames(): number {
    return this.#pending.size
  }

  /** Bytes of the frames that are pending; looks at each of them. */
  get pendingBytes(): number {
    let bytes = 0
    for (let n = 0; n < this.#pending.size; n++)
      bytes += this.#pending.at(n)?.frame?.lengthBytes ?? 0
    return bytes
  }

  get device(): JournalDevice {
    return this.#device
  }

  /** Largest frame that fits into a file. */
  get maxFrameBytes(): number {
    return this.#options.fileBytes - JOURNAL_HEADER_BYTES
  }

  /** How much of what ordinary frames may use is in use, from 0 to 1. */
  get pressure(): number {
    const { files, reserveFiles, fileBytes } = this.#options
    const current = this.#active ? this.#position / fileBytes - 1 : 0
    const mostFiles = Math.max(1, files.mostCount - reserveFiles)
    return Math.min(1, Math.max(0, files.usedCount + current) / mostFiles)
  }

  /**
   * Where all frames from `sequence` to the last one that was submitted lie, in the order of the
   * files. It holds as long as `restartCount` stays the same, and no file is recycled.
   */
  extent(sequence: number): readonly { readonly path: string; readonly sizeBytes: number }[] {
    return this.#options.files.all
      .filter(({ state, lastSequence }) => {
        return state === 'active' || (state !== 'free' && lastSequence >= sequence)
      })
      .map(({ state, path, usedBytes }) => {
        if (state === 'active') return { path, sizeBytes: this.#position }
        return { path, sizeBytes: state === 'sealed' ? usedBytes : this.#options.fileBytes }
      })
  }

  /** Odd while frames are about to be written again elsewhere, because a device failed. */
  get restartCount(): number {
    return this.#restartCount
  }

  addMemory(memory: Memory): void {
    this.#memories.set(memory.id, memory)
    this.#device.addMemory(memory)
  }

  removeMemory(memory: Memory): void {
    this.#memories.delete(memory.id)
    this.#device.removeMemory(memory)
  }

  /** Whether a frame of that size can be submitted now; begins a new file when it must. */
  makeRoom(lengthBytes: number, privileged: boolean): boolean {
    if (this.#suspended) return false
    const { files, reserveFiles, fileBytes } = this.#options
    const { freeCount } = files
    // A file that was begun out of the reserve is for those whom the reserve is for.
    if (!privileged && freeCount < reserveFiles) return false
    if (this.#active && this.#position + lengthBytes <= fileBytes) return true
    if (!privileged && freeCount === reserveFiles) {
      files.keepSpare()
      return false
    }
    const file = files.take()
    if (file === undefined) {
      files.keepSpare()
      return false
    }
    this.#begin(file)
    return true
  }

  /** Seals the frame and queues it. There must be room. */
  submit(frame: Frame, wantWritten: boolean): void {
    frame.sequence = this.#nextSequence++
    this.#send(frame)
    if (wantWritten) this.#device.wantWritten()
  }

  /** Resolves with true once everything submitted so far is durable, with false when it was abandoned. */
  settled(): Promise<boolean> {
    const last = this.#pending.at(this.#pending.size - 1)
    if (last === undefined) return Promise.resolve(true)
    return new Promise((resolve) => this.#waiters.push({ ticket: last.ticket, resolve }))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#restarting
    await this.#device.close()
  }

  /** Frames that are not durable, in order; the journal forgets them. For the end after a failure. */
  abandon(): Frame[] {
    const frames = this.#pending.drain().flatMap(({ frame }) => (frame ? [frame] : []))
    this.#announced = 0
    for (const waiter of this.#waiters.drain()) waiter.resolve(false)
    return frames
  }

  #makeDevice(): JournalDevice {
    const device: JournalDevice = this.#options.device({
      onProgress: () => {
        if (device === this.#device) this.#progress()
      },
      onFailure: (error) => {
        if (device === this.#device) this.#failed(error)
      },
    })
    device.addMemory(this.#headers)
    for (const memory of this.#memories.values()) device.addMemory(memory)
    return device
  }

  #begin(file: JournalFile): void {
    if (this.#active) {
      this.#active.state = 'sealed'
      this.#active.lastSequence = this.#nextSequence - 1
      this.#active.usedBytes = this.#position
    }
    this.#active = file
    this.#fileId = this.#nextFileId++
    this.#nonce = this.#options.random?.below(2 ** 32) ?? 0
    // Blocks take turns: one is used again only 64 files later, when its write is long over.
    const at = (this.#fileId % 64) * JOURNAL_HEADER_BYTES
    putJournalHeader(this.#headers.bytes, this.#headers.view, at, {
      fileId: this.#fileId,
      firstSequence: this.#nextSequence,
      nonce: this.#nonce,
    })
    this.#position = JOURNAL_HEADER_BYTES
    this.#device.setFile(file.slot, file.path)
    this.#device.write(this.#headers, at, JOURNAL_HEADER_BYTES, file.slot, 0)
    this.#pending.push({ frame: undefined, ticket: ++this.#submitted })
  }

  #send(frame: Frame): void {
    const file = this.#active
    if (file === undefined) throw new Error('no journal file: ask makeRoom first')
    const { memory } = frame.chunk
    sealFrame(memory.bytes, memory.view, frame.start, {
      fileId: this.#fileId,
      nonce: this.#nonce,
      sequence: frame.sequence,
      durableSequence: this.#durableSequence,
      entryCount: frame.entryCount,
      lengthBytes: frame.lengthBytes,
    })
    this.#device.write(memory, frame.start, frame.lengthBytes, file.slot, this.#position)
    this.#position += frame.lengthBytes
    this.#pending.push({ frame, ticket: ++this.#submitted })
  }

  #progress(): void {
    if (this.#suspended) return
    const { writtenCount, durableCount } = this.#device
    for (;;) {
      const next = this.#pending.at(this.#announced)
      if (next === undefined || next.ticket > writtenCount) break
      this.#announced++
      if (next.frame === undefined || next.frame.written) continue
      next.frame.written = true
      this.#events.onWritten(next.frame)
    }
    for (;;) {
      const next = this.#pending.at(0)
      if (next === undefined || next.ticket > durableCount) break
      this.#pending.shift()
      this.#announced--
      this.#failuresInRow = 0
      if (next.frame === undefined) continue
      this.#durableSequence = next.frame.sequence
      this.#events.onDurable(next.frame)
    }
    for (;;) {
      const next = this.#waiters.at(0)
      if (next === undefined || next.ticket > durableCount) break
      this.#waiters.shift()?.resolve(true)
    }
    this.#events.onSettled()
  }

  #failed(error: Error): void {
    this.#suspended = true
    this.#restartCount++
    this.#failuresInRow++
    this.#options.logger.error(
      { error: error.message, pendingFrames: this.#pending.size },
      'a journal file failed; writing its last frames again to a new one',
    )
    this.#restarting = this.#restart(error).catch((cause: unknown) => {
      this.#events.onFailed(new Error('the journal cannot be written', { cause }))
    })
  }

  async #restart(error: Error): Promise<void> {
    await this.#device.close()
    if (this.#closed) return
    if (this.#failuresInRow >= MAX_FAILURES_IN_ROW) throw error
    // Without one nothing is pending, and the files that a start has not adopted yet hold what it recovers from.
    const hasFile = this.#active !== undefined
    if (hasFile) {
      this.#abandonFiles()
      await this.#options.files.prepare(this.#filesForPending())
    }
    const frames = this.#pending.drain()
    const waiters = this.#waiters.drain()
    this.#device = this.#makeDevice()
    this.#submitted = 0
    this.#announced = 0
    this.#suspended = false
    this.#restartCount++
    try {
      if (hasFile) this.#resubmit(frames.flatMap(({ frame }) => (frame ? [frame] : [])))
    } finally {
      for (const waiter of waiters) this.#waiters.push({ ...waiter, ticket: this.#submitted })
    }
    this.#device.wantWritten()
    this.#events.onRoom()
  }

  /** Files that were begun hold frames that are durable, and others that cannot be trusted. */
  #abandonFiles(): void {
    const firstPending = this.#durableSequence + 1
    for (const file of this.#options.files.all) {
      const isTouched =
        file.state === 'active' || (file.state === 'sealed' && file.lastSequence >= firstPending)
      if (!isTouched) continue
      file.state = 'abandoned'
      file.lastSequence = this.#durableSequence
    }
    this.#active = undefined
  }

  /** How many files it takes to write again what is pending: as many as before, at most. */
  #filesForPending(): number {
    let count = 1
    let position = JOURNAL_HEADER_BYTES
    for (let index = 0; index < this.#pending.size; index++) {
      const lengthBytes = this.#pending.at(index)?.frame?.lengthBytes ?? 0
      if (position + lengthBytes > this.#options.fileBytes) {
        count++
        position = JOURNAL_HEADER_BYTES
      }
      position += lengthBytes
    }
    return count
  }

  #resubmit(frames: readonly Frame[]): void {
    const nextSequence = this.#nextSequence
    this.#nextSequence = this.#durableSequence + 1
    for (const [index, frame] of frames.entries()) {
      if (!this.makeRoom(frame.lengthBytes, true)) {
        // `abandon` must find those that nobody sent.
        for (const rest of frames.slice(index))
          this.#pending.push({ frame: rest, ticket: Infinity })
        throw new Error('no room to write frames again')
      }
      this.submit(frame, false)
    }
    if (frames.length === 0 && !this.makeRoom(0, true)) throw new Error('no journal file is left')
    if (this.#nextSequence !== nextSequence) throw new Error('frames got lost')
  }
}
