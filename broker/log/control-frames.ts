import type { Uuid } from '../../kit/index.ts'
import type { Engine } from './engine.ts'
import { reasonOf } from './errors.ts'
import { ENTRY_KIND, frameSizeBytes, putFrameEntry } from './journal/frame.ts'
import type { Journal } from './journal/journal.ts'
import type { Partition } from './partition/partition.ts'
import { releaseAllUnwritten, releaseBelowLogStart } from './partition/trimming.ts'
import { PendingFrame } from './pending-frame.ts'
import type { WaitingLine } from './waiting-line.ts'

interface ControlEntry {
  readonly kind: number
  readonly topicId: Buffer
  readonly partition: number
  readonly offset: number
}

/** Journal entries that are no batches: trims, drops, and setting aside. Files follow the journal. */
export class ControlFrames {
  readonly #engine: Engine
  readonly #journal: Journal<PendingFrame>
  readonly #waiting: WaitingLine
  /** Topics whose files are on their way out. */
  readonly #removals = new Map<Uuid, Promise<void>>()
  /** Who waits for a frame to be durable. */
  readonly #pending = new Set<(error: Error) => void>()
  /** Why nothing is journaled any more. */
  #refusal: Error | undefined

  constructor(engine: Engine, journal: Journal<PendingFrame>, waiting: WaitingLine) {
    this.#engine = engine
    this.#journal = journal
    this.#waiting = waiting
  }

  /** Dropped topics of which files may be left. */
  get removing(): readonly Uuid[] {
    return [...this.#removals.keys()]
  }

  /** Resolves when no file of a dropped topic of that id is left; rejects when one cannot be removed. */
  async removalOf(topicId: Uuid): Promise<void> {
    if (!this.#removals.has(topicId)) return
    await this.#removals.get(topicId)
    if (this.#removals.has(topicId)) await this.#removeFiles(topicId, [])
    if (this.#removals.has(topicId)) throw new Error(`there still are files of topic ${topicId}`)
  }

  async idle(): Promise<void> {
    await Promise.all(this.#removals.values())
  }

  async trim(partition: Partition, offset: number): Promise<number> {
    const target = Math.min(offset, partition.highWatermark)
    if (target > partition.logStartOffset && partition.state === 'open') {
      const { topicIdBytes: topicId } = partition
      const entry = {
        kind: ENTRY_KIND.trim,
        topicId,
        partition: partition.partition,
        offset: target,
      }
      await this.#submit(
        entry,
        () => {},
        () => {
          partition.raiseLogStart(target)
          partition.notifyGrowth()
        },
      )
      await partition.exclusive.run(() => this.#removeBelowLogStart(partition))
    }
    return partition.logStartOffset
  }

  /** Resolves when the drop is durable; the files go afterwards. */
  async drop(topicId: Uuid): Promise<void> {
    let partitions = this.#engine.partitions.ofTopic(topicId)
    const first = partitions[0]
    if (first === undefined) return
    const entry = { kind: ENTRY_KIND.drop, topicId: first.topicIdBytes, partition: -1, offset: 0 }
    await this.#submit(
      entry,
      () => {
        // Also those that were created while this waited for room.
        partitions = this.#engine.partitions.ofTopic(topicId)
        this.#forget(topicId, partitions)
      },
      () => {
        const removal = this.#removeFiles(topicId, partitions)
        this.#removals.set(topicId, removal)
      },
    )
  }

  async setAside(topicId: Uuid): Promise<void> {
    const { disk, layout, partitions: table, flusher } = this.#engine
    const partitions = table.ofTopic(topicId)
    const first = partitions[0]
    if (first === undefined) return
    await flusher.flushAll(partitions)
    const entry = {
      kind: ENTRY_KIND.quarantine,
      topicId: first.topicIdBytes,
      partition: -1,
      offset: 0,
    }
    const sequence = await this.#submit(
      entry,
      () => this.#forget(topicId, partitions),
      () => {},
    )
    await this.#release(partitions)
    if (!(await disk.exists(layout.topic(topicId)))) return
    await disk.rename(layout.topic(topicId), layout.setAside(topicId, sequence))
    await disk.syncDirectory(layout.quarantine)
    await disk.syncDirectory(layout.topics)
  }

  /** Nothing is journaled any more, and nobody will hear of the frames that are under way. */
  refuseAll(error: Error): void {
    this.#refusal = error
    for (const refuse of [...this.#pending]) refuse(error)
  }

  /** Journals one entry. `onSubmit` runs in the moment it takes its place in the order of appends. */
  #submit(entry: ControlEntry, onSubmit: () => void, onDurable: () => void): Promise<number> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return new Promise((resolve, reject) => {
      const refuse = (error: Error): void => {
        this.#pending.delete(refuse)
        reject(error)
      }
      this.#pending.add(refuse)
      const attempt = (): boolean => {
        const frame = this.#layOut(entry)
        if (frame === undefined) return false
        frame.action = (sequence) => {
          this.#pending.delete(refuse)
          onDurable()
          resolve(sequence)
        }
        onSubmit()
        this.#journal.submit(frame, false)
        return true
      }
      this.#waiting.enter(
        { attempt, refuse: (reason) => refuse(new Error(`not journaled: ${reason}`)) },
        true,
      )
    })
  }

  #layOut(entry: ControlEntry): PendingFrame | undefined {
    const lengthBytes = frameSizeBytes(1, 0)
    const chunk = this.#engine.arena.reserve(lengthBytes, this.#journal.nextSequence, true)
    if (chunk === undefined || !this.#journal.makeRoom(lengthBytes, true)) return undefined
    const frame = new PendingFrame(chunk, 1)
    frame.lengthBytes = lengthBytes
    putFrameEntry(
      chunk.memory.bytes,
      chunk.memory.view,
      frame.start,
      0,
      entry.kind,
      entry.topicId,
      entry.partition,
      entry.offset,
      0,
      0,
    )
    chunk.usedBytes += lengthBytes
    chunk.holds++
    return frame
  }

  #forget(topicId: Uuid, partitions: readonly Partition[]): void {
    for (const partition of partitions) {
      partition.state = 'dropped'
      partition.appendTimes.release()
    }
    this.#engine.partitions.deleteTopic(topicId)
    for (const partition of partitions) partition.notifyGrowth()
  }

  async #removeBelowLogStart(partition: Partition): Promise<void> {
    const { arena, flusher, files, indexes, removals } = this.#engine
    if (partition.state !== 'open') return
    const beforeBytes = partition.unwrittenBytes
    const removed = releaseBelowLogStart(partition, arena)
    flusher.discount(beforeBytes - partition.unwrittenBytes)
    for (const segment of removed) {
      files.forget(segment.logPath)
      files.forget(segment.indexPath)
      indexes.forget(segment)
      await removals.remove([segment.logPath, segment.indexPath])
    }
  }

  async #removeFiles(topicId: Uuid, partitions: readonly Partition[]): Promise<void> {
    const { disk, layout, logger, removals } = this.#engine
    try {
      await this.#release(partitions)
      await removals.whenOpen()
      await disk.remove(layout.topic(topicId))
      await disk.syncDirectory(layout.topics)
      this.#removals.delete(topicId)
    } catch (error) {
      // Checkpoints go on naming it, and the next start tries again.
      logger.warn({ topicId, error: reasonOf(error) }, 'could not remove the files of a topic')
    }
  }

  /** Waits for what is being written, then lets go of memory and files. */
  async #release(partitions: readonly Partition[]): Promise<void> {
    const { arena, flusher, files, indexes, writer } = this.#engine
    for (const partition of partitions) {
      await partition.exclusive.run(async () => {
        flusher.discount(partition.unwrittenBytes)
        releaseAllUnwritten(partition, arena)
        writer.forget(partition)
        for (const segment of partition.segments) {
          segment.removed = true
          files.forget(segment.logPath)
          files.forget(segment.indexPath)
          indexes.forget(segment)
        }
      })
    }
  }
}
