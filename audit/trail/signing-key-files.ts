import type { Disk, Random } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { NoteSigner } from '../checkpoint/note-keys.ts'
import { NoteError, parseSigningKey, signerFromSeed } from '../checkpoint/note-keys.ts'
import { HistoryError } from '../history.ts'

/** The file that everybody may have: the verifier key. */
export const VERIFIER_KEY_FILE = 'checkpoint.pub'
/** The file that nobody else may have (mode 0600, as every file of a data directory). */
const SIGNING_KEY_FILE = 'checkpoint.key'
/** The key that a rotation is about to put in force. */
const NEXT_KEY_FILE = 'checkpoint.key.next'

export interface SigningKeyOptions {
  readonly disk: Disk
  /** `<data-dir>/audit`, which must exist. */
  readonly directory: string
  /** Where the signing key lies instead of beside the checkpoints. */
  readonly keyFile?: string | null
  readonly random: Random
}

/**
 * The signing key on disk. The history says which key is in force; what lies here must be that one,
 * or the one that a rotation was putting in its place when the process died.
 */
export class SigningKeyFiles {
  readonly #options: SigningKeyOptions

  constructor(options: SigningKeyOptions) {
    this.#options = options
  }

  /** A first key for the log `origin`; the one of an earlier attempt when there is one. */
  async create(origin: string): Promise<NoteSigner> {
    const existing = await this.#read(this.#keyPath)
    if (existing) {
      if (existing.name === origin) return existing
      throw new HistoryError(`${this.#keyPath} is the key of another log, ${existing.name}`)
    }
    const signer = signerFromSeed(origin, this.#options.random.bytes(32))
    await this.#write(this.#keyPath, signer.secretText)
    await this.#publish(signer)
    return signer
  }

  /** The key whose verifier key the history names. Throws a HistoryError when it is not there. */
  async load(verifierKey: string): Promise<NoteSigner> {
    const current = await this.#read(this.#keyPath)
    if (current?.verifier.text === verifierKey) {
      await this.#publish(current)
      return current
    }
    const next = await this.#read(this.#nextPath)
    if (next?.verifier.text === verifierKey) {
      await this.commitNext(next)
      return next
    }
    throw new HistoryError(
      `the key that signs checkpoints is not in ${this.#keyPath}: the history names ${verifierKey}`,
    )
  }

  /**
   * Makes a key and keeps it, for a rotation that is to come; the one of an earlier attempt when there
   * is one, whose record may be in the history although nobody knows yet.
   */
  async prepareNext(origin: string): Promise<NoteSigner> {
    const earlier = await this.#read(this.#nextPath)
    const current = await this.#read(this.#keyPath)
    if (earlier?.name === origin && earlier.verifier.text !== current?.verifier.text) return earlier
    const signer = signerFromSeed(origin, this.#options.random.bytes(32))
    await this.#write(this.#nextPath, signer.secretText)
    return signer
  }

  /** A key that nobody keeps, to see what would come of a rotation. */
  trial(origin: string): NoteSigner {
    return signerFromSeed(origin, this.#options.random.bytes(32))
  }

  /** The rotation is in the history: the key takes the place of the old one. */
  async commitNext(signer: NoteSigner): Promise<void> {
    await this.#write(this.#keyPath, signer.secretText)
    await this.#publish(signer)
    await this.#options.disk.remove(this.#nextPath)
  }

  get #keyPath(): string {
    const { keyFile, directory } = this.#options
    return keyFile ?? `${directory}/${SIGNING_KEY_FILE}`
  }

  get #nextPath(): string {
    return `${this.#options.directory}/${NEXT_KEY_FILE}`
  }

  async #publish(signer: NoteSigner): Promise<void> {
    const path = `${this.#options.directory}/${VERIFIER_KEY_FILE}`
    const text = `${signer.verifier.text}\n`
    if ((await readWholeFile(this.#options.disk, path))?.toString() === text) return
    await replaceFile(this.#options.disk, path, Buffer.from(text))
  }

  async #write(path: string, text: string): Promise<void> {
    await replaceFile(this.#options.disk, path, Buffer.from(`${text}\n`))
  }

  async #read(path: string): Promise<NoteSigner | null> {
    const bytes = await readWholeFile(this.#options.disk, path)
    if (!bytes) return null
    try {
      return parseSigningKey(bytes.toString())
    } catch (cause) {
      if (!(cause instanceof NoteError)) throw cause
      throw new HistoryError(`${path} cannot be used: ${cause.message}`, { cause })
    }
  }
}
