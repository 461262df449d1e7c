import type { Clock, Random, Uuid } from '../../../kit/index.ts'
import { BatchBuilder, batchesIn, batchHeader, decodeRecords } from '../../../protocol/index.ts'
import type { AppendEntry, LogStore, PartitionLog } from '../../log/index.ts'
import type { SecretChange } from '../decide/decision.ts'
import type { SecretReader } from '../port.ts'
import type { StoredSecret } from './secret-cipher.ts'
import { openSecret, sealSecret } from './secret-cipher.ts'
import type { SecretKeySource } from './secret-key.ts'
import { secretKeyFault } from './secret-key.ts'
import { SECRETS_PARTITION } from './secrets-topic.ts'

export interface SecretStoreOptions {
  readonly log: LogStore
  readonly keySource: SecretKeySource
  readonly clock: Clock
  readonly random: Random
}

const READ_BYTES = 1024 * 1024

/**
 * Secrets by their id, in memory as they are and in `__secrets` encrypted. A change is written in
 * the same atomic append as the record that refers to it: `entry` makes what is to be appended,
 * `apply` is called once it is durable.
 */
export class SecretStore implements SecretReader {
  readonly #log: PartitionLog
  readonly #key: Buffer
  readonly #clock: Clock
  readonly #random: Random
  readonly #secrets = new Map<Uuid, StoredSecret>()

  private constructor(log: PartitionLog, key: Buffer, options: SecretStoreOptions) {
    this.#log = log
    this.#key = key
    this.#clock = options.clock
    this.#random = options.random
  }

  /**
   * Reads what there is. Throws a ConfigError when secrets are kept and the key is missing or is not
   * theirs: going on would lock out everybody who has a password.
   */
  static async open(options: SecretStoreOptions): Promise<SecretStore> {
    const { log: store, keySource } = options
    await store.create([SECRETS_PARTITION])
    const log = store.find(SECRETS_PARTITION.topicId, 0)
    if (log?.state !== 'open')
      throw new Error(`the log of ${SECRETS_PARTITION.topicName} cannot be used`)
    const existing = await keySource.read()
    if (existing === null && log.endOffset > 0) {
      const message = `secrets are kept, and their key is missing: put ${keySource.name} back (it belongs to the backup), or give the key by GLASSLOG_SECRETS_KEY`
      throw secretKeyFault(keySource.name, message)
    }
    const key = existing ?? (await keySource.create())
    const secrets = new SecretStore(log, key, options)
    await secrets.#load(store, keySource.name)
    return secrets
  }

  get size(): number {
    return this.#secrets.size
  }

  get(secretId: Uuid): Uint8Array | undefined {
    return this.#secrets.get(secretId)?.value
  }

  /** The salt of the commitment in the record, for who wants to prove what a secret was. */
  saltOf(secretId: Uuid): Uint8Array | undefined {
    return this.#secrets.get(secretId)?.salt
  }

  /** What to append so that these changes last; null when there are none. */
  entry(changes: readonly SecretChange[]): AppendEntry | null {
    if (changes.length === 0) return null
    const builder = new BatchBuilder()
    const timestampMs = this.#clock.now()
    for (const change of changes) {
      const key = Buffer.from(change.secretId)
      const value =
        change.op === 'put' ? sealSecret(this.#key, change.secretId, change, this.#random) : null
      builder.append({ timestampMs, key, value })
    }
    return { log: this.#log, batch: builder.build(), expectedOffset: this.#log.endOffset }
  }

  apply(changes: readonly SecretChange[]): void {
    for (const change of changes) {
      if (change.op === 'put') this.#secrets.set(change.secretId, change)
      else this.#secrets.delete(change.secretId)
    }
  }

  async #load(store: LogStore, keyName: string): Promise<void> {
    const log = this.#log
    for (let offset = log.logStartOffset; offset < log.highWatermark; ) {
      const result = await store.read([{ log, offset, maxBytes: READ_BYTES }], {
        maxBytes: READ_BYTES,
        atLeastOne: true,
        isolation: 'uncommitted',
      })
      try {
        const [read] = result.partitions
        if (read?.kind !== 'records' || read.sizeBytes === 0) {
          throw new Error(`secrets cannot be read at offset ${offset}: ${read?.kind}`)
        }
        for (const piece of read.pieces) offset = this.#replay(piece, keyName, offset)
      } finally {
        result.release()
      }
    }
  }

  /** Answers the offset after the piece. */
  #replay(piece: Uint8Array, keyName: string, fromOffset: number): number {
    let nextOffset = fromOffset
    for (const batch of batchesIn(piece)) {
      // Compaction keeps the offsets of what it removes.
      nextOffset = batchHeader.lastOffset(batch) + 1
      for (const { key, value } of decodeRecords(batch)) {
        const secretId = Buffer.from(key ?? []).toString()
        if (value === null) {
          this.#secrets.delete(secretId)
          continue
        }
        const secret = openSecret(this.#key, secretId, Buffer.from(value))
        if (!secret) {
          const message = `the key in ${keyName} is not the one that the secrets were encrypted with, or they are damaged; put the right one back`
          throw secretKeyFault(keyName, message)
        }
        this.#secrets.set(secretId, secret)
      }
    }
    return nextOffset
  }
}
