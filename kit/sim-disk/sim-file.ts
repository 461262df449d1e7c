import type { Random } from '../random.ts'
import type { CrashChooser } from './crash-choice.ts'
import type { Page } from './page-table.ts'
import { overlaid, PAGE_BYTES, PageTable, torn } from './page-table.ts'

/** The blocks of a simulated disk: what is written takes them, what is cut or removed gives them back. */
export class Allocation {
  capacityBytes: number
  #usedPages = 0

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  get freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.#usedPages * PAGE_BYTES)
  }

  /** False when the disk is full. */
  take(): boolean {
    if (this.freeBytes < PAGE_BYTES) return false
    this.#usedPages++
    return true
  }

  /** Takes what is on the disk already, even if it is more than the capacity. */
  adopt(pages: number): void {
    this.#usedPages += pages
  }

  giveBack(pages: number): void {
    this.#usedPages -= pages
  }
}

/** A file at rest: all of it is on the disk. */
export interface FileImage {
  readonly pages: PageTable
  readonly sizeBytes: number
}

interface Dirty<State> {
  /** Which change of the file made this state. */
  readonly change: number
  readonly state: State
}

/**
 * One file: what processes see (the page cache), what is certainly on the disk, and for every dirty
 * page and the size each state since then, any of which writeback may have stored by now.
 */
export class SimFile {
  readonly kind = 'file'
  readonly #allocation: Allocation
  #cache: PageTable
  readonly #durable: PageTable
  readonly #dirtyPages = new Map<number, Dirty<Page | null>[]>()
  #dirtySizes: Dirty<number>[] = []
  #sizeBytes: number
  #durableSizeBytes: number
  #changes = 0
  #links = 0
  #handles = 0

  constructor(allocation: Allocation, image: FileImage = { pages: new PageTable(), sizeBytes: 0 }) {
    this.#allocation = allocation
    this.#durable = image.pages
    this.#cache = image.pages.fork()
    this.#sizeBytes = image.sizeBytes
    this.#durableSizeBytes = image.sizeBytes
    allocation.adopt(image.pages.count)
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The number of the newest change, for `completeSync` and `failSync`. */
  get newestChange(): number {
    return this.#changes
  }

  read(target: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(target.byteLength, this.#sizeBytes - position))
    for (let done = 0; done < length; ) {
      const [index, offset] = placeOf(position + done)
      const step = Math.min(PAGE_BYTES - offset, length - done)
      const page = this.#cache.get(index)
      if (page) target.set(page.subarray(offset, offset + step), done)
      else target.fill(0, done, done + step)
      done += step
    }
    return length
  }

  /** Writes from the first byte on until the disk is full; answers how many bytes it took. */
  write(bytes: Uint8Array, position: number): number {
    let done = 0
    while (done < bytes.byteLength) {
      const [index, offset] = placeOf(position + done)
      const step = Math.min(PAGE_BYTES - offset, bytes.byteLength - done)
      if (!this.#cache.has(index) && !this.#allocation.take()) break
      const piece = bytes.subarray(done, done + step)
      this.#dirty(index, overlaid(this.#cache.get(index), piece, offset))
      done += step
    }
    if (done > 0 && position + done > this.#sizeBytes) this.#resize(position + done)
    return done
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) {
      const [lastIndex, offset] = placeOf(sizeBytes)
      const firstCut = offset === 0 ? lastIndex : lastIndex + 1
      for (const index of this.#cache.indexesFrom(firstCut)) {
        this.#dirty(index, null)
        this.#allocation.giveBack(1)
      }
      const boundary = offset === 0 ? null : this.#cache.get(lastIndex)
      if (boundary) {
        this.#dirty(lastIndex, overlaid(boundary, new Uint8Array(PAGE_BYTES - offset), offset))
      }
    }
    if (sizeBytes !== this.#sizeBytes) this.#resize(sizeBytes)
  }

  /** Everything up to `change` is durable. What came later, while the sync ran, is not. */
  completeSync(change: number): void {
    this.#clean(change, (index, page) => this.#durable.set(index, page))
    this.#cleanSize(change, true)
  }

  /**
   * What Linux does when writeback fails: some pages were written and some not, all are marked
   * clean, so that the next sync succeeds without writing them; and a page that was not written
   * may drop out of the cache, after which reads show what the disk has.
   */
  failSync(change: number, random: Random): void {
    this.#clean(change, (index, page, isNewest) => {
      const fate = random.below(4)
      if (fate < 2) this.#durable.set(index, page)
      if (fate === 2 && isNewest) this.#evict(index)
    })
    this.#cleanSize(change, random.below(2) === 0)
  }

  /** What a crash leaves of the file. */
  afterCrash(chooser: CrashChooser): FileImage {
    const image = this.#durable.fork()
    for (const index of [...this.#dirtyPages.keys()].sort((a, b) => a - b)) {
      const newer = (this.#dirtyPages.get(index) ?? []).map((dirty) => dirty.state)
      const states = [this.#durable.get(index), ...newer]
      const pick = (): number => chooser.page(states.length)
      image.set(index, chooser.tearsPages ? torn(states, pick) : (states[pick()] ?? null))
    }
    const sizeBytes = this.#sizeAfterCrash(chooser)
    cutToSize(image, sizeBytes)
    return { pages: image, sizeBytes }
  }

  /** The same file, cached and dirty pages and all, on a disk with `allocation`: what a process leaves that dies alone. */
  fork(allocation: Allocation): SimFile {
    const copy = new SimFile(allocation, {
      pages: this.#durable.fork(),
      sizeBytes: this.#durableSizeBytes,
    })
    allocation.adopt(this.#cache.count - this.#durable.count)
    copy.#cache = this.#cache.fork()
    copy.#sizeBytes = this.#sizeBytes
    copy.#changes = this.#changes
    copy.#dirtySizes = [...this.#dirtySizes]
    for (const [index, states] of this.#dirtyPages) copy.#dirtyPages.set(index, [...states])
    return copy
  }

  /** Names and handles keep a file; with the last of them its space is given back. */
  link(): void {
    this.#links++
  }

  unlink(): void {
    this.#links--
    this.freeWhenUnused()
  }

  opened(): void {
    this.#handles++
  }

  closed(): void {
    this.#handles--
    this.freeWhenUnused()
  }

  freeWhenUnused(): void {
    if (this.#links === 0 && this.#handles === 0) this.#allocation.giveBack(this.#cache.count)
  }

  #dirty(index: number, page: Page | null): void {
    this.#cache.set(index, page)
    const states = this.#dirtyPages.get(index)
    const dirty = { change: ++this.#changes, state: page }
    if (states) states.push(dirty)
    else this.#dirtyPages.set(index, [dirty])
  }

  #resize(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes
    this.#dirtySizes.push({ change: ++this.#changes, state: sizeBytes })
  }

  #clean(
    change: number,
    settle: (index: number, page: Page | null, isNewest: boolean) => void,
  ): void {
    for (const [index, states] of this.#dirtyPages) {
      const covered = states.findLastIndex((dirty) => dirty.change <= change)
      if (covered < 0) continue
      const isNewest = covered === states.length - 1
      settle(index, states[covered]?.state ?? null, isNewest)
      if (isNewest) this.#dirtyPages.delete(index)
      else states.splice(0, covered + 1)
    }
  }

  #cleanSize(change: number, isWritten: boolean): void {
    const covered = this.#dirtySizes.findLast((dirty) => dirty.change <= change)
    if (covered && isWritten) this.#durableSizeBytes = covered.state
    this.#dirtySizes = this.#dirtySizes.filter((dirty) => dirty.change > change)
  }

  #evict(index: number): void {
    const stored = this.#durable.get(index)
    if (this.#cache.has(index) && stored === null) this.#allocation.giveBack(1)
    if (!this.#cache.has(index) && stored !== null) this.#allocation.adopt(1)
    this.#cache.set(index, stored)
  }

  #sizeAfterCrash(chooser: CrashChooser): number {
    const sizes = [this.#durableSizeBytes, ...this.#dirtySizes.map((dirty) => dirty.state)]
    if (sizes.length === 1) return this.#durableSizeBytes
    const picked = chooser.size(sizes.length)
    const sizeBytes = sizes[picked] ?? 0
    const before = sizes[picked - 1] ?? sizeBytes
    return sizeBytes > before ? chooser.growth(before, sizeBytes) : sizeBytes
  }
}

function placeOf(position: number): readonly [pageIndex: number, offset: number] {
  return [Math.floor(position / PAGE_BYTES), position % PAGE_BYTES]
}

/** A file system never shows what lay beyond the end of a file, even when the file grows again. */
function cutToSize(image: PageTable, sizeBytes: number): void {
  const [lastIndex, offset] = placeOf(sizeBytes)
  for (const index of image.indexesFrom(offset === 0 ? lastIndex : lastIndex + 1)) {
    image.set(index, null)
  }
  const boundary = offset === 0 ? null : image.get(lastIndex)
  if (boundary)
    image.set(lastIndex, overlaid(boundary, new Uint8Array(PAGE_BYTES - offset), offset))
}
