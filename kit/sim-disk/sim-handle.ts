import type { DiskFile, OpenMode } from '../disk.ts'
import { DIRECT_ALIGNMENT_BYTES } from '../disk.ts'
import type { Random } from '../random.ts'
import type { CallGate, DiskCallKind } from './call-gate.ts'
import { errno } from './errno.ts'
import type { SimFile } from './sim-file.ts'

/** An open file of a simulated disk. */
export class SimHandle implements DiskFile {
  readonly path: string
  readonly #gate: CallGate
  readonly #random: Random
  readonly #file: SimFile
  readonly #mode: OpenMode
  #isOpen = true

  constructor(gate: CallGate, random: Random, path: string, file: SimFile, mode: OpenMode) {
    this.path = path
    this.#gate = gate
    this.#random = random
    this.#file = file
    this.#mode = mode
    file.opened()
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#call('read', () => {
      const isAligned = [position, target.byteOffset, target.byteLength].every(
        (at) => at % DIRECT_ALIGNMENT_BYTES === 0,
      )
      if (this.#mode === 'direct' && !isAligned) throw errno('EINVAL', this.path)
      return this.#file.read(target, position)
    })
  }

  /** The pieces are read when the write takes effect: a caller that reuses their memory too early is found out. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    return this.#call(
      'write',
      () => {
        if (!this.#isWritable) throw errno('EBADF', this.path)
        const bytes = Buffer.concat(pieces)
        const written = this.#file.write(bytes, position)
        if (written < bytes.length) throw errno('ENOSPC', this.path)
      },
      () => {
        if (!this.#isWritable) return
        const bytes = Buffer.concat(pieces)
        this.#file.write(bytes.subarray(0, this.#random.below(bytes.length + 1)), position)
      },
    )
  }

  get #isWritable(): boolean {
    return this.#mode === 'write' || this.#mode === 'create'
  }

  sync(): Promise<void> {
    const covered = this.#file.newestChange
    return this.#call(
      'sync',
      () => this.#file.completeSync(covered),
      (end) => {
        // A sync that a crash interrupts has written some pages: any crash may leave that anyway.
        if (end === 'error') this.#file.failSync(covered, this.#random)
      },
    )
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#call('truncate', () => {
      if (!this.#isWritable) throw errno('EINVAL', this.path)
      this.#file.truncate(sizeBytes)
    })
  }

  size(): Promise<number> {
    return this.#call('size', () => this.#file.sizeBytes)
  }

  close(): Promise<void> {
    return this.#call('close', () => {
      this.#isOpen = false
      this.#file.closed()
    })
  }

  #call<Result>(
    kind: DiskCallKind,
    apply: () => Result,
    applyPartly?: (end: 'error' | 'stop') => void,
  ): Promise<Result> {
    const checked = (): Result => {
      if (!this.#isOpen) throw errno('EBADF', this.path)
      return apply()
    }
    return this.#gate.call(kind, this.path, {
      apply: checked,
      ...(applyPartly && this.#isOpen ? { applyPartly } : {}),
    })
  }
}
