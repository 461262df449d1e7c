import type { Disk, DiskFile, DiskLock, OpenMode } from '../disk.ts'
import type { Random } from '../random.ts'
import { seededRandom } from '../random.ts'
import type { Timers } from '../timers.ts'
import type { CallFate, DiskCall } from './call-gate.ts'
import { CallGate } from './call-gate.ts'
import type { CrashChoice } from './crash-choice.ts'
import { choicesFor, chooserFor, countingChooser } from './crash-choice.ts'
import { errno } from './errno.ts'
import type { SimFile } from './sim-file.ts'
import { Allocation } from './sim-file.ts'
import { SimHandle } from './sim-handle.ts'
import { SimTree } from './sim-tree.ts'

export interface SimDiskOptions {
  /** Default 1 TiB. May be changed at any time. */
  readonly capacityBytes?: number
  /** Decides what the operating system leaves open: the order of concurrent calls, what a failed sync lost. */
  readonly seed?: number
  /** What `Disk.pageCacheBytes` says; without end when missing. */
  readonly pageCacheBytes?: number
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

const DEFAULT_CAPACITY_BYTES = 2 ** 40

export function createSimDisk(options: SimDiskOptions = {}): SimDisk {
  const allocation = new Allocation(options.capacityBytes ?? DEFAULT_CAPACITY_BYTES)
  return new SimulatedDisk(new SimTree(allocation), options)
}

class SimulatedDisk implements SimDisk {
  readonly openFileLimit = Infinity
  readonly pageCacheBytes: number
  readonly #tree: SimTree
  readonly #gate: CallGate
  readonly #random: Random
  readonly #locked = new Set<SimFile>()

  constructor(tree: SimTree, options: SimDiskOptions) {
    this.#tree = tree
    this.pageCacheBytes = options.pageCacheBytes ?? Infinity
    this.#random = seededRandom(options.seed ?? 0)
    this.#gate = new CallGate(this.#random, options)
  }

  get plan(): (call: DiskCall) => CallFate {
    return this.#gate.plan
  }

  set plan(value: (call: DiskCall) => CallFate) {
    this.#gate.plan = value
  }

  get callCount(): number {
    return this.#gate.callCount
  }

  get stopped(): Promise<DiskCall> {
    return this.#gate.stopped
  }

  get capacityBytes(): number {
    return this.#tree.allocation.capacityBytes
  }

  set capacityBytes(value: number) {
    this.#tree.allocation.capacityBytes = value
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.#gate.call(mode === 'create' ? 'create' : 'open', path, {
      apply: () => {
        const file = mode === 'create' ? this.#tree.createFile(path) : this.#tree.file(path)
        return new SimHandle(this.#gate, this.#random, path, file, mode)
      },
    })
  }

  list(directory: string): Promise<string[]> {
    return this.#gate.call('list', directory, {
      apply: () => this.#tree.directory(directory).names,
    })
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#gate.call('makeDirectory', directory, {
      apply: () => this.#tree.makeDirectory(directory),
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#gate.call('rename', from, { apply: () => this.#tree.rename(from, to) })
  }

  remove(path: string): Promise<void> {
    return this.#gate.call('remove', path, {
      apply: () => this.#tree.remove(path),
      applyPartly: () => this.#tree.remove(path, this.#random.below(4)),
    })
  }

  syncDirectory(path: string): Promise<void> {
    const node = this.#tree.exists(path) ? this.#tree.find(path) : undefined
    const directory = node?.kind === 'directory' ? node : undefined
    const covered = directory?.pendingCount ?? 0
    return this.#gate.call('syncDirectory', path, {
      apply: () => (directory ?? this.#tree.directory(path)).completeSync(covered),
      applyPartly: (end) => {
        if (end === 'error') directory?.failSync(covered, this.#random)
      },
    })
  }

  exists(path: string): Promise<boolean> {
    return this.#gate.call('exists', path, { apply: () => this.#tree.exists(path) })
  }

  space(path: string): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    return this.#gate.call('space', path, {
      apply: () => {
        if (!this.#tree.find(path)) throw errno('ENOENT', path)
        const { capacityBytes, freeBytes } = this.#tree.allocation
        return { totalBytes: capacityBytes, freeBytes }
      },
    })
  }

  lock(path: string): Promise<DiskLock | null> {
    return this.#gate.call('lock', path, {
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
    this.#gate.stop()
  }

  crashChoices(limit: number, seed: number): CrashChoice[] {
    const counter = countingChooser(limit)
    this.#tree.afterCrash(counter, new Allocation(this.capacityBytes))
    return choicesFor(counter.combinations, limit, seed)
  }

  afterCrash(choice: CrashChoice, options: SimDiskOptions = {}): SimDisk {
    const allocation = new Allocation(options.capacityBytes ?? this.capacityBytes)
    const tree =
      choice.kind === 'process-kill'
        ? this.#tree.fork(allocation)
        : this.#tree.afterCrash(chooserFor(choice), allocation)
    return new SimulatedDisk(tree, options)
  }

  get random(): Random {
    return this.#random
  }
}
