import type { Disk, Logger, Uuid } from '../../kit/index.ts'
import type { Arena } from './memory/arena.ts'
import type { Partition } from './partition/partition.ts'

/** A log that cannot be trusted any more, and why. Its files stay where they are. */
export interface QuarantinedLog {
  readonly topicId: Uuid
  readonly partition: number
  readonly topicName: string
  readonly reason: string
}

/** Keeps what the journal still had of logs that were quarantined: a file of batches each, and a report. */
export class Salvage {
  quarantined: QuarantinedLog[] = []
  readonly #disk: Disk
  readonly #directory: string
  readonly #logger: Logger
  readonly #positions = new Map<Partition, number>()

  constructor(disk: Disk, directory: string, logger: Logger) {
    this.#disk = disk
    this.#directory = directory
    this.#logger = logger
  }

  /** Takes note of the log, and keeps its batches that are not in a segment. */
  async quarantine(partition: Partition, reason: string, arena: Arena): Promise<void> {
    const { topicId, topicName } = partition
    this.quarantined.push({ topicId, partition: partition.partition, topicName, reason })
    await this.#disk.makeDirectory(this.#path(partition))
    await this.#write(partition, 'reason.txt', Buffer.from(`${reason}\n`), 0)
    const { hot } = partition
    for (let index = hot.unwritten; index < hot.end; index++) {
      const { bytes } = arena.chunk(hot.chunkSerial(index)).memory
      const position = hot.position(index)
      await this.keep(partition, bytes.subarray(position, position + hot.sizeBytes(index)))
    }
  }

  /** Adds bytes of a batch, sound or not, to the log's salvage. */
  async keep(partition: Partition, batch: Buffer): Promise<void> {
    const position = this.#positions.get(partition) ?? 0
    if (position === 0) await this.#disk.makeDirectory(this.#path(partition))
    await this.#write(partition, 'journal.batches', batch, position)
    this.#positions.set(partition, position + batch.length)
  }

  /** The log turns out to be dropped further on in the journal. */
  async forget(partition: Partition): Promise<void> {
    const isThis = (one: QuarantinedLog): boolean =>
      one.topicId === partition.topicId && one.partition === partition.partition
    if (!this.quarantined.some(isThis)) return
    this.quarantined = this.quarantined.filter((one) => !isThis(one))
    this.#positions.delete(partition)
    await this.#disk.remove(this.#path(partition))
  }

  async close(): Promise<void> {
    for (const log of this.quarantined) this.#logger.error(log, 'a log was quarantined')
    for (const { topicId, partition } of this.quarantined) {
      await this.#disk.syncDirectory(`${this.#directory}/${topicId}-${partition}`)
    }
    if (this.#positions.size > 0 || this.quarantined.length > 0) {
      await this.#disk.syncDirectory(this.#directory)
    }
  }

  #path(partition: Partition): string {
    return `${this.#directory}/${partition.topicId}-${partition.partition}`
  }

  async #write(partition: Partition, name: string, bytes: Buffer, position: number): Promise<void> {
    const path = `${this.#path(partition)}/${name}`
    // The salvage of an attempt that did not come to its end is written again.
    if (position === 0) await this.#disk.remove(path)
    const file = await this.#disk.open(path, position === 0 ? 'create' : 'write')
    try {
      await file.write([bytes], position)
      await file.sync()
    } finally {
      await file.close()
    }
  }
}
