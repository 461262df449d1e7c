import type { BackupSource, SourceCut } from '../../../broker/index.ts'
import { FileReader, KEY_FILES, sizesOf } from '../../../broker/index.ts'
import type { Cancel, Disk, Timers } from '../../../kit/index.ts'
import type { AdminTarget } from '../../admin-client.ts'
import { postAdmin, readAdmin } from '../../admin-client.ts'
import { CommandFailure, EXIT } from '../../exit-codes.ts'

/** How often the broker hears that the copy goes on; it holds the files for a minute after the last time. */
const KEEP_ALIVE_MS = 5_000
/** Bytes of a file that one request asks for. */
const PIECE_BYTES = 1024 * 1024

export interface BrokerSourceOptions {
  readonly admin: AdminTarget
  /** Where the broker's files are when it runs on this machine: then they are read there, not by HTTP. */
  readonly dataDirectory: string | null
  readonly withKeys: boolean
  readonly reason: string | undefined
  readonly disk: Disk
  readonly timers: Timers
}

/** What the broker is told at the end. */
type End = { readonly content: object } | { readonly failure: string }

/** A running broker, which makes the cut and holds its files until it is told that it is over. */
export class BrokerSource implements BackupSource {
  readonly cut: SourceCut
  readonly #options: BrokerSourceOptions
  readonly #files: FileReader | null
  /** What the broker has copied for the moment; the files themselves may be newer. */
  readonly #small: ReadonlySet<string>
  readonly #keys: ReadonlySet<string>
  #isJournalCopied = false
  /** Also while nothing is copied: checking what was copied takes its time. */
  readonly #cancelKeepAlive: Cancel
  #failure: unknown = null

  private constructor(options: BrokerSourceOptions, cut: SourceCut) {
    const { disk, dataDirectory, timers } = options
    this.#options = options
    this.cut = cut
    this.#files = dataDirectory === null ? null : new FileReader(disk, dataDirectory)
    this.#small = new Set(cut.small.map(({ path }) => path))
    this.#keys = new Set(cut.keys.map(({ path }) => path))
    this.#cancelKeepAlive = timers.every(KEEP_ALIVE_MS, () => {
      this.#tell().catch((error: unknown) => {
        this.#failure ??= error
      })
    })
  }

  static async begin(options: BrokerSourceOptions): Promise<BrokerSource> {
    const { admin, reason, withKeys, dataDirectory, disk } = options
    const query = reason === undefined ? '' : `?${new URLSearchParams({ reason })}`
    const { cut } = (await postAdmin(admin, `/v1/backups${query}`, {})) as { cut: SourceCut }
    // Keys never come by HTTP: whoever may read the directory has them anyway.
    const keys =
      withKeys && dataDirectory !== null ? await sizesOf(disk, dataDirectory, KEY_FILES) : []
    return new BrokerSource(options, { ...cut, keys })
  }

  async read(path: string, position: number, target: Buffer): Promise<number> {
    const isHere = !this.#small.has(path) || this.#keys.has(path)
    if (this.#files && isHere) return this.#files.read(path, position, target)
    let filled = 0
    while (filled < target.length) {
      const count = await this.#fetch(path, position + filled, target.subarray(filled))
      if (count === 0) break
      filled += count
    }
    return filled
  }

  async journalCopied(): Promise<void> {
    this.#isJournalCopied = true
    await this.#tell()
  }

  async keepAlive(): Promise<void> {
    if (this.#failure !== null) throw this.#failure
  }

  /** Lets go of the files, here and there. */
  async end(end: End): Promise<void> {
    this.#cancelKeepAlive()
    await this.#files?.close()
    await postAdmin(this.#options.admin, `/v1/backups/${this.cut.id}/end`, end)
  }

  async #fetch(path: string, position: number, target: Buffer): Promise<number> {
    const length = Math.min(target.length, PIECE_BYTES)
    const query = new URLSearchParams({ path, position: `${position}`, length: `${length}` })
    const url = `/v1/backups/${this.cut.id}/content?${query}`
    const bytes = await readAdmin(this.#options.admin, url)
    if (bytes.length > length) {
      throw new CommandFailure('the broker sent more than was asked for', EXIT.failed)
    }
    target.set(bytes)
    return bytes.length
  }

  async #tell(): Promise<void> {
    const { admin } = this.#options
    const isJournalCopied = this.#isJournalCopied
    await postAdmin(admin, `/v1/backups/${this.cut.id}/progress`, { isJournalCopied })
  }
}
