import type { Disk } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { KeyTermJson } from '../checkpoint/key-chain.ts'
import type { JsonObject } from '../json.ts'
import { canonicalJson } from '../json.ts'
import { sha256 } from '../merkle/hashes.ts'
import { HistoryFold } from '../state/history-fold.ts'
import type { HistoryState, StateEntry } from '../state/history-state.ts'

/** States at some moments, so that a state is found without folding everything before it. A cache. */
export interface Snapshot {
  readonly fold: HistoryFold
  /** The keys that the history named up to there. */
  readonly keys: readonly KeyTermJson[]
}

const VERSION = 1
const NAME = /^state-(\d{15})$/

/** Snapshots in a directory, one file each: a head with the hash of the rest, then an entry a line. */
export class StateSnapshots {
  readonly #disk: Disk
  readonly #directory: string
  /** Sequence numbers of those that there are, ascending. */
  #seqs: number[] = []

  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  async open(): Promise<void> {
    this.#seqs = (await this.#disk.list(this.#directory))
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
  }

  /** Writes the state. Answers the bytes that it took. */
  async write(state: HistoryState, keys: readonly KeyTermJson[]): Promise<number> {
    const lines: string[] = []
    for (const entry of state.entries()) lines.push(`${canonicalJson(entryToJson(entry))}\n`)
    const body = Buffer.from(lines.join(''))
    const head = {
      version: VERSION,
      seq: state.seq,
      keys: keys.map((term) => ({ ...term })),
      sha256: sha256(body).toString('hex'),
    }
    const bytes = Buffer.concat([Buffer.from(`${canonicalJson(head)}\n`), body])
    await replaceFile(this.#disk, this.#pathOf(state.seq), bytes)
    if (!this.#seqs.includes(state.seq)) this.#seqs.push(state.seq)
    return bytes.length
  }

  /** The newest state that is not after record `seq`; null when there is none that can be used. */
  async newest(seq: number): Promise<Snapshot | null> {
    for (const candidate of this.#seqs.filter((one) => one <= seq).reverse()) {
      const bytes = await readWholeFile(this.#disk, this.#pathOf(candidate))
      const snapshot = bytes && parseSnapshot(bytes, candidate)
      if (snapshot) return snapshot
    }
    return null
  }

  #pathOf(seq: number): string {
    return `${this.#directory}/state-${String(seq).padStart(15, '0')}`
  }
}

function entryToJson({ resource, value, seq, recordedAt }: StateEntry): JsonObject {
  return { resource: { ...resource }, value, seq, recordedAt }
}

interface Head {
  readonly version: number
  readonly seq: number
  readonly keys: readonly KeyTermJson[]
  readonly sha256: string
}

/** Null for what this program would not have written: the history has it all, too. */
function parseSnapshot(bytes: Buffer, seq: number): Snapshot | null {
  const headEnd = bytes.indexOf(0x0a) + 1
  try {
    // Checked by its own hash, so it is what `write` wrote.
    const head = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Head
    const body = bytes.subarray(headEnd)
    if (head.version !== VERSION || head.seq !== seq) return null
    if (sha256(body).toString('hex') !== head.sha256) return null
    const lines = body.toString().split('\n').slice(0, -1)
    const entries = lines.map((line) => JSON.parse(line) as Omit<StateEntry, 'key'>)
    return { fold: new HistoryFold(seq, entries), keys: head.keys }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
