import type { JournalFrame } from './journal/journal.ts'
import type { Chunk } from './memory/arena.ts'
import type { Partition } from './partition/partition.ts'
import type { AppendResult } from './port.ts'

/** What a frame without batches does once it is durable (a trim, a drop). */
export type FrameAction = (sequence: number) => void

/** One append on its way through the journal, and who waits for it. */
export class PendingFrame implements JournalFrame {
  readonly chunk: Chunk
  readonly start: number
  readonly entryCount: number
  lengthBytes = 0
  sequence = -1
  written = false
  /** Bytes of the batches that are laid out. */
  payloadBytes = 0
  /** The logs it appends to, one for each batch, and where each then ends. */
  readonly partitions: Partition[] = []
  readonly endOffsets: number[] = []
  /** A log with durability `os` is among them: readers see it once it is written. */
  wantsWritten = false
  acks: 'none' | 'written' | 'durable' = 'none'
  action: FrameAction | undefined
  #results: readonly AppendResult[] = []
  #resolve: ((results: readonly AppendResult[]) => void) | undefined

  constructor(chunk: Chunk, entryCount: number) {
    this.chunk = chunk
    this.start = chunk.usedBytes
    this.entryCount = entryCount
  }

  whenDone(results: readonly AppendResult[]): Promise<readonly AppendResult[]> {
    this.#results = results
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Answers who waits. Later calls do nothing. */
  done(): void {
    this.#resolve?.(this.#results)
    this.#resolve = undefined
  }

  /** Answers who waits that nobody knows whether it is in the journal. */
  unknown(): void {
    this.#resolve?.(withUnknownOutcome(this.#results))
    this.#resolve = undefined
  }
}

/** The results of an append of which nobody knows whether it, or what it repeats, is in the journal. */
export function withUnknownOutcome(results: readonly AppendResult[]): readonly AppendResult[] {
  return results.map((result) =>
    result.kind === 'appended' || result.kind === 'duplicate'
      ? { kind: 'failed', reason: 'unknown-outcome' }
      : result,
  )
}
