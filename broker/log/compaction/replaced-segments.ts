import type { RemovalGate } from '../backup/removal-gate.ts'
import type { FileCache } from '../segments/file-cache.ts'
import type { IndexCache } from '../segments/index-cache.ts'
import type { Segment } from '../segments/segment.ts'

export interface ReplacedSegmentsOptions {
  readonly removals: RemovalGate
  readonly files: FileCache
  readonly indexes: IndexCache
}

/**
 * Segments that compaction replaced and that the last durable checkpoint still names. The checkpoint
 * is the switch: until the next one is durable, a crash goes back to these files, and the new ones
 * are the leftovers.
 */
export class ReplacedSegments {
  readonly #options: ReplacedSegmentsOptions
  #segments: Segment[] = []

  constructor(options: ReplacedSegmentsOptions) {
    this.#options = options
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0)
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0
  }

  add(segments: readonly Segment[]): void {
    this.#segments.push(...segments)
  }

  /** What a checkpoint that begins now will not name any more. */
  take(): readonly Segment[] {
    return this.#segments.splice(0)
  }

  /**
   * Removes the files of what was taken, once the checkpoint is durable. Who reads them has them open
   * and reads on; who comes too late finds them missing, and looks for the offset anew.
   */
  async remove(segments: readonly Segment[]): Promise<void> {
    const { removals, files, indexes } = this.#options
    for (const segment of segments) {
      await removals.remove([segment.logPath, segment.indexPath])
      files.forget(segment.logPath)
      files.forget(segment.indexPath)
      indexes.forget(segment)
    }
  }
}
