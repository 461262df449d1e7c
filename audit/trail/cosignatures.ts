import type { Disk, DiskFile } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import type { NoteSignature } from '../checkpoint/signed-note.ts'
import { signatureLine } from '../checkpoint/signed-note.ts'
import { endOfNotes } from './note-end.ts'

/**
 * What witnesses signed: whole checkpoints with the cosignature under them, in a file that is only
 * appended to. A checkpoint out of it is what an auditor gives to `audit verify`. What a crash left of
 * the last one is cut off, or the next one would be read as a part of it.
 */
export class Cosignatures {
  readonly #file: DiskFile
  #end: number
  #last: { readonly size: number; readonly text: string } | null = null

  private constructor(file: DiskFile, end: number) {
    this.#file = file
    this.#end = end
  }

  static async open(disk: Disk, directory: string): Promise<Cosignatures> {
    const path = `${directory}/cosignatures`
    const file = await disk.open(path, (await disk.exists(path)) ? 'write' : 'create')
    await disk.syncDirectory(directory)
    const end = await endOfNotes(file)
    if (end < (await file.size())) await file.truncate(end)
    return new Cosignatures(file, end)
  }

  /** Bytes of the file that hold whole notes. */
  get sizeBytes(): number {
    return this.#end
  }

  /** The checkpoint that a witness cosigned last since the start, with its cosignature. */
  get last(): { readonly size: number; readonly text: string } | null {
    return this.#last
  }

  /** Durable when it resolves. One call at a time. */
  async keep({ size, text }: SignedCheckpoint, cosignature: NoteSignature): Promise<void> {
    const before = this.#last?.size === size ? this.#last.text : text
    const cosigned = before + signatureLine(cosignature)
    const bytes = Buffer.from(`${cosigned}\n`)
    await this.#file.write([bytes], this.#end)
    await this.#file.sync()
    this.#end += bytes.length
    this.#last = { size, text: cosigned }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
