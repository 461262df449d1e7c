/** The unit in which the page cache holds and writes back a file. */
export const PAGE_BYTES = 4096
/** The unit that a drive writes whole or not at all. */
export const SECTOR_BYTES = 512

/** Exactly PAGE_BYTES long and never changed once it is in a table, so that tables can share it. */
export type Page = Uint8Array

const ZERO_PAGE: Page = new Uint8Array(PAGE_BYTES)

/**
 * The pages of one state of a file. A page that is not there is a hole: it reads as zeros and
 * takes no space. Forking is free until one of the two tables changes, because a crash test makes
 * thousands of disks that differ in a few pages.
 */
export class PageTable {
  #pages: Map<number, Page>
  #shared = false

  constructor(pages: Map<number, Page> = new Map()) {
    this.#pages = pages
  }

  get count(): number {
    return this.#pages.size
  }

  has(index: number): boolean {
    return this.#pages.has(index)
  }

  get(index: number): Page | null {
    return this.#pages.get(index) ?? null
  }

  set(index: number, page: Page | null): void {
    if (this.#shared) {
      this.#pages = new Map(this.#pages)
      this.#shared = false
    }
    if (page === null) this.#pages.delete(index)
    else this.#pages.set(index, page)
  }

  indexesFrom(first: number): number[] {
    return [...this.#pages.keys()].filter((index) => index >= first).sort((a, b) => a - b)
  }

  fork(): PageTable {
    const fork = new PageTable(this.#pages)
    this.#shared = true
    fork.#shared = true
    return fork
  }
}

/** `page` with `bytes` laid over it from `offset`; all zeros share one page. */
export function overlaid(page: Page | null, bytes: Uint8Array, offset: number): Page {
  const next = new Uint8Array(PAGE_BYTES)
  if (page) next.set(page)
  next.set(bytes, offset)
  return next.every((byte) => byte === 0) ? ZERO_PAGE : next
}

/** A page of which each sector comes from one of `states`; `pick` says which. */
export function torn(states: readonly (Page | null)[], pick: () => number): Page {
  const next = new Uint8Array(PAGE_BYTES)
  for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
    const source = states[pick()] ?? ZERO_PAGE
    next.set(source.subarray(at, at + SECTOR_BYTES), at)
  }
  return next
}
