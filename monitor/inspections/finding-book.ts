import { dirname, join } from 'node:path'
import type { Disk } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { Finding } from './finding.ts'
import type { SeenFinding } from './finding-changes.ts'
import { notSeen, seen } from './finding-changes.ts'

/** Findings that are kept; where an inspection sees more, the gravest count. */
export const MAX_FINDINGS = 5_000

const VERSION = 1

/** The file was written by a newer program. */
export class FindingsVersionError extends Error {
  override readonly name: string = 'FindingsVersionError'
}

/** What inspections found, with what became of it; kept over restarts in one file that is replaced whole. */
export class FindingBook {
  readonly #disk: Disk
  readonly #path: string
  #findings: Map<string, Finding>
  #saving: Promise<void> = Promise.resolve()

  private constructor(disk: Disk, path: string, findings: Map<string, Finding>) {
    this.#disk = disk
    this.#path = path
    this.#findings = findings
  }

  /** @throws FindingsVersionError */
  static async open(disk: Disk, directory: string): Promise<FindingBook> {
    await disk.makeDirectory(directory)
    await disk.syncDirectory(dirname(directory))
    const path = join(directory, 'findings.json')
    const bytes = await readWholeFile(disk, path)
    const kept = bytes === null ? [] : parse(bytes, path)
    return new FindingBook(disk, path, new Map(kept.map((one) => [one.id, one])))
  }

  /** The gravest first, and of those the newest. */
  all(): readonly Finding[] {
    return [...this.#findings.values()].sort(
      (a, b) => rankOf(a) - rankOf(b) || b.raisedAtMs - a.raisedAtMs || (a.id < b.id ? -1 : 1),
    )
  }

  get(id: string): Finding | null {
    return this.#findings.get(id) ?? null
  }

  /** Takes in what an inspection saw, and answers what was raised by it, new or again. */
  async take(found: readonly SeenFinding[], atMs: number): Promise<readonly Finding[]> {
    const before = this.#findings
    const after = new Map<string, Finding>()
    const raised: Finding[] = []
    for (const one of found.slice(0, MAX_FINDINGS)) {
      const known = before.get(one.id) ?? null
      const now = seen(known, one, atMs)
      after.set(one.id, now)
      if (now.raises !== known?.raises) raised.push(now)
    }
    for (const [id, known] of before) {
      if (after.has(id)) continue
      const now = notSeen(known, atMs)
      if (now !== null && after.size < MAX_FINDINGS) after.set(id, now)
    }
    this.#findings = after
    await this.#save()
    return raised
  }

  /** Null when there is no such finding. */
  async change(id: string, change: (finding: Finding) => Finding): Promise<Finding | null> {
    const before = this.#findings.get(id)
    if (before === undefined) return null
    const after = change(before)
    this.#findings.set(id, after)
    await this.#save()
    return after
  }

  /** One after the other: each writes what there is when its turn comes. */
  #save(): Promise<void> {
    const write = async (): Promise<void> => {
      const text = JSON.stringify({ version: VERSION, findings: [...this.#findings.values()] })
      await replaceFile(this.#disk, this.#path, Buffer.from(text))
    }
    this.#saving = this.#saving.then(write, write)
    return this.#saving
  }
}

function parse(bytes: Buffer, path: string): readonly Finding[] {
  const { version, findings } = JSON.parse(bytes.toString()) as {
    version: number
    findings: readonly Finding[]
  }
  if (version > VERSION) {
    throw new FindingsVersionError(
      `${path} has version ${version}; this program knows ${VERSION} and older ones`,
    )
  }
  return findings
}

const STATE_RANK = { open: 0, muted: 10, fixed: 20 } as const
const SEVERITY_RANK = { critical: 0, important: 1, advice: 2 } as const

function rankOf({ state, severity }: Finding): number {
  return STATE_RANK[state] + SEVERITY_RANK[severity]
}
