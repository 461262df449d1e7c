import type { Disk, DiskFile, DiskLock } from '../disk.ts'
import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'
import type { Timers } from '../timers.ts'
import type { CrashChoice } from './crash-choice.ts'
import { choicesFor, chooserFor, countingChooser } from './crash-choice.ts'
import type { SimFile } from './sim-file.ts'
import { Allocation } from './sim-file.ts'
import { errno, SimTree } from './sim-tree.ts'

export type DiskCallKind =
  | 'create'
  | 'lock'
  | 'close'
  | keyof Disk
  | Exclude<keyof DiskFile, 'path'>

export interface DiskCall {
  /** Counted from 1 over all calls of this disk. */
  readonly number: number
  readonly kind: DiskCallKind
  readonly path: string
}

/**
 * What becomes of a call. `stop` ends the process: `before` the call had any effect, `during` it
 * (a part of it is done), or `after` it (done, and nobody was told).
 */
export type CallFate =
  | { readonly kind: 'proceed'; readonly delayMs?: number }
  | { readonly kind: 'error'; readonly code: 'EIO' | 'ENOSPC' }
  | { readonly kind: 'stop'; readonly when: 'before' | 'during' | 'after' }

export interface SimDiskOptions {
  /** Default 1 TiB. May be changed at any time. */
  readonly capacityBytes?: number
  /** Decides what the operating system leaves open: the order of concurrent calls, what a failed sync lost. */
  readonly seed?: number
  /** Needed when a fate names a delay. */
  readonly timers?: Timers
  /** Asked once for every call. */
  readonly plan?: (call: DiskCall) => CallFate
}

/**
 * A disk that can lose power.
 *
 * - A write or truncation changes the page cache; `sync` makes durable what was finished when it was
 *   called. Until then each dirty page (or 512-byte sector of it), the size, and each step of each
 *   directory can be lost on its own, in any order, and any state since the last sync can be found.
 * - Names are durable by `syncDirectory` of their directory only; a file's `sync` does not help its
 *   name, nor does a directory's help its own name in the parent. A rename within a directory is one
 *   step; one between two is two, which may part once either directory was synced.
 * - Concurrent calls take effect when they finish, in an order that the seed decides; a write that
 *   overlaps a sync is not covered by it.
 * - A failed sync leaves its pages clean and perhaps unwritten, as Linux does. A failed write may
 *   have written a part.
 * - Every page that holds data takes 4 KiB of the capacity; holes and names take nothing.
 * - Once stopped, no call ever resolves or rejects: for its process, time has ended.
 */
export interface SimDisk extends Disk {
  plan: (call: DiskCall) => CallFate
  capacityBytes: number
  readonly callCount: number
  /** Resolves with the call at which the process ended. */
  readonly stopped: Promise<DiskCall>
  /** Ends the process now, as a SIGKILL between two calls would. */
  stop(): void
  /** At most `limit` legal outcomes of a crash now: all of them when there are so few. */
  crashChoices(limit: number, seed: number): CrashChoice[]
  /** The disk that the next process finds. This one stays as it is: ask again for other outcomes. */
  afterCrash(choice: CrashChoice, options?: SimDiskOptions): SimDisk
}

const PROCEED: CallFate = { kind: 'proceed' }
const DEFAULT_CAPACITY_BYTES = 2 ** 40

/** Kinds of calls that change what a crash can leave; between two of them all crashes are the same. */
export const MUTATING_CALLS: ReadonlySet<DiskCallKind> = new Set<DiskCallKind>([
  'create',
  'lock',
  'makeDirectory',
  'remove',
  'rename',
  'sync',
  'syncDirectory',
  'truncate',
  'write',
])

export function createSimDisk(options: SimDiskOptions = {}): SimDisk {
  const allocation = new Allocation(options.capacityBytes ?? DEFAULT_CAPACITY_BYTES)
  return new SimulatedDisk(new SimTree(allocation), options)
}

interface Effect<Result> {
  /** All of the call, at once. */
  readonly apply: () => Result
  /** What is done when the call fails, or when the process ends during it; nothing when missing. */
  readonly applyPartly?: (end: 'error' | 'stop') => void
}

class SimulatedDisk implements SimDisk {
  plan: (call: DiskCall) => CallFate
  readonly stopped: Promise<DiskCall>
  readonly #tree: SimTree
  readonly #random: Random
  readonly #timers: Timers | undefined
  readonly #inFlight = new Set<Effect<unknown>>()
  readonly #locked = new Set<SimFile>()
  #lastCall: DiskCall = { number: 0, kind: 'exists', path: '/' }
  #isStopped = false
  #announceStop: (call: DiskCall) => void = () => {}

  constructor(tree: SimTree, options: SimDiskOptions) {
    this.#tree = tree
    this.#random = seededRandom(options.seed ?? 0)
    this.#timers = options.timers
    this.plan = options.plan ?? (() => PROCEED)
    this.stopped = new Promise((resolve) => {
      this.#announceStop = resolve
    })
  }

  get callCount(): number {
    return this.#lastCall.number
  }

  get capacityBytes(): number {
    return this.#tree.allocation.capacityBytes
  }

  set capacityBytes(value: number) {
    this.#tree.allocation.capacityBytes = value
  }

  open(path: string, mode: 'read' | 'write' | 'create'): Promise<DiskFile> {
    return this.call(mode === 'create' ? 'create' : 'open', path, {
      apply: () => {
        const file = mode === 'create' ? this.#tree.createFile(path) : this.#tree.file(path)
        return new SimHandle(this, path, file, mode !== 'read')
      },
    })
  }

  list(directory: string): Promise<string[]> {
    return this.call('list', directory, { apply: () => this.#tree.directory(directory).names })
  }

  makeDirectory(directory: string): Promise<void> {
    return this.call('makeDirectory', directory, {
      apply: () => this.#tree.makeDirectory(directory),
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.call('rename', from, { apply: () => this.#tree.rename(from, to) })
  }

  remove(path: string): Promise<void> {
    return this.call('remove', path, {
      apply: () => this.#tree.remove(path),
      applyPartly: () => this.#tree.remove(path, this.#random.below(4)),
    })
  }

  syncDirectory(path: string): Promise<void> {
    const node = this.#tree.exists(path) ? this.#tree.find(path) : undefined
    const directory = node?.kind === 'directory' ? node : undefined
    const covered = directory?.pendingCount ?? 0
    return this.call('syncDirectory', path, {
      apply: () => (directory ?? this.#tree.directory(path)).completeSync(covered),
      applyPartly: (end) => {
        if (end === 'error') directory?.failSync(covered, this.#random)
      },
    })
  }

  exists(path: string): Promise<boolean> {
    return this.call('exists', path, { apply: () => this.#tree.exists(path) })
  }

  space(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    return this.call('space', path, {
      apply: () => {
        if (!this.#tree.find(path)) throw errno('ENOENT', path)
        const { capacityBytes, freeBytes } = this.#tree.allocation
        return { totalBytes: capacityBytes, freeBytes }
      },
    })
  }

  lock(path: string): Promise<DiskLock | null> {
    return this.call('lock', path, {
      apply: () => {
        const file = this.#tree.exists(path) ? this.#tree.file(path) : this.#tree.createFile(path)
        if (this.#locked.has(file)) return null
        this.#locked.add(file)
        const release = async (): Promise<void> => void this.#locked.delete(file)
        return { release }
      },
    })
  }

  stop(): void {
    if (!this.#isStopped) this.#stopAt(this.#lastCall)
  }

  crashChoices(limit: number, seed: number): CrashChoice[] {
    const counter = countingChooser(limit)
    this.#tree.afterCrash(counter, new Allocation(this.capacityBytes))
    return choicesFor(counter.combinations, limit, seed)
  }

  afterCrash(choice: CrashChoice, options: SimDiskOptions = {}): SimDisk {
    const allocation = new Allocation(options.capacityBytes ?? this.capacityBytes)
    return new SimulatedDisk(this.#tree.afterCrash(chooserFor(choice), allocation), options)
  }

  get random(): Random {
    return this.#random
  }

  async call<Result>(kind: DiskCallKind, path: string, effect: Effect<Result>): Promise<Result> {
    if (this.#isStopped) return never()
    const call = { number: this.#lastCall.number + 1, kind, path }
    this.#lastCall = call
    const fate = this.plan(call)
    if (fate.kind === 'stop' && fate.when !== 'after') {
      if (fate.when === 'during') effect.applyPartly?.('stop')
      this.#stopAt(call)
      return never()
    }
    this.#inFlight.add(effect)
    await this.#pass(fate.kind === 'proceed' ? (fate.delayMs ?? 0) : 0)
    // Stopped meanwhile: what became of this call was decided then.
    if (this.#isStopped) return never()
    this.#inFlight.delete(effect)
    if (fate.kind === 'error') {
      effect.applyPartly?.('error')
      throw errno(fate.code, path)
    }
    const result = effect.apply()
    if (fate.kind !== 'stop') return result
    this.#stopAt(call)
    return never()
  }

  #stopAt(call: DiskCall): void {
    this.#isStopped = true
    for (const effect of this.#inFlight) this.#settleInFlight(effect)
    this.#inFlight.clear()
    this.#announceStop(call)
  }

  /** The kernel may or may not have come to a call that was on its way when the process ended. */
  #settleInFlight(effect: Effect<unknown>): void {
    const outcome = this.#random.below(3)
    try {
      if (outcome === 1) effect.applyPartly?.('stop')
      if (outcome === 2) effect.apply()
    } catch {
      // It failed, and nobody is left to hear of it.
    }
  }

  async #pass(delayMs: number): Promise<void> {
    const timers = this.#timers
    if (delayMs > 0 && timers) {
      await new Promise<void>((resolve) => void timers.after(delayMs, resolve))
    }
    for (let turns = 1 + this.#random.below(3); turns > 0; turns--) await undefined
  }
}

/** A new one each time: whoever waits for a promise is kept alive by it. */
function never(): Promise<never> {
  return new Promise(() => {})
}

class SimHandle implements DiskFile {
  readonly path: string
  readonly #disk: SimulatedDisk
  readonly #file: SimFile
  readonly #isWritable: boolean
  #isOpen = true

  constructor(disk: SimulatedDisk, path: string, file: SimFile, isWritable: boolean) {
    this.path = path
    this.#disk = disk
    this.#file = file
    this.#isWritable = isWritable
    file.opened()
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#call('read', () => this.#file.read(target, position))
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
        this.#file.write(bytes.subarray(0, this.#disk.random.below(bytes.length + 1)), position)
      },
    )
  }

  sync(): Promise<void> {
    const covered = this.#file.newestChange
    return this.#call(
      'sync',
      () => this.#file.completeSync(covered),
      (end) => {
        // A sync that a crash interrupts has written some pages: any crash may leave that anyway.
        if (end === 'error') this.#file.failSync(covered, this.#disk.random)
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
    return this.#disk.call(kind, this.path, {
      apply: checked,
      ...(applyPartly && this.#isOpen ? { applyPartly } : {}),
    })
  }
}
