export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** Which leader epoch began at which offset (KIP-101), oldest first; both grow. */
export class LeaderEpochs {
  #starts: EpochStart[] = []

  get starts(): readonly EpochStart[] {
    return this.#starts
  }

  restore(starts: readonly EpochStart[]): void {
    this.#starts = [...starts]
  }

  /** Epochs without records leave no trace: the next one takes their place. */
  begin(epoch: number, startOffset: number): void {
    const last = this.#starts.at(-1)
    if (last !== undefined && last.epoch >= epoch) return
    if (last !== undefined && last.startOffset === startOffset) this.#starts.pop()
    this.#starts.push({ epoch, startOffset })
  }

  /** Forgets what lies wholly below the log start. */
  trim(logStartOffset: number): void {
    let kept = 0
    while (kept + 1 < this.#starts.length) {
      const next = this.#starts[kept + 1]
      if (next === undefined || next.startOffset > logStartOffset) break
      kept++
    }
    if (kept > 0) this.#starts.splice(0, kept)
    const first = this.#starts[0]
    if (first !== undefined && first.startOffset < logStartOffset) {
      this.#starts[0] = { epoch: first.epoch, startOffset: logStartOffset }
    }
  }

  /**
   * End of the newest epoch <= `epoch`, as Kafka answers OffsetForLeaderEpoch: the log end for the
   * current epoch, null for one that is newer than any known, and for one older than any known that
   * epoch itself with the first known start.
   */
  endOf(epoch: number, logEndOffset: number): { leaderEpoch: number; endOffset: number } | null {
    const starts = this.#starts
    const last = starts.at(-1)
    if (last === undefined || epoch > last.epoch || epoch < 0) return null
    if (epoch === last.epoch) return { leaderEpoch: epoch, endOffset: logEndOffset }
    for (let i = starts.length - 2; i >= 0; i--) {
      const start = starts[i]
      const next = starts[i + 1]
      if (start === undefined || next === undefined || start.epoch > epoch) continue
      return { leaderEpoch: start.epoch, endOffset: next.startOffset }
    }
    return { leaderEpoch: epoch, endOffset: starts[0]?.startOffset ?? logEndOffset }
  }

  /** The epoch in which the record at `offset` was appended; -1 when that is not known. */
  epochAt(offset: number): number {
    let epoch = -1
    for (const start of this.#starts) if (start.startOffset <= offset) epoch = start.epoch
    return epoch
  }
}
