import type { Timers } from '../../kit/index.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { verifiedCosignatureTime } from '../checkpoint/cosignature.ts'
import type { NoteVerifier } from '../checkpoint/note-keys.ts'
import type { NoteSignature } from '../checkpoint/signed-note.ts'
import { parseSignatureLines } from '../checkpoint/signed-note.ts'
import type { CheckpointTarget } from './checkpoint-publisher.ts'

/** A witness (C2SP tlog-witness): it cosigns what is consistent with all that it saw before. */
export interface WitnessOptions {
  /** Submission prefix; `/add-checkpoint` is put after it. */
  readonly url: string
  readonly key: NoteVerifier
  /** Hashes that show the tree of `oldSize` records to be the beginning of that of `size`. */
  readonly consistency: (oldSize: number, size: number) => Promise<readonly Buffer[]>
  /** Keeps the cosignature, durably. */
  readonly keep: (checkpoint: SignedCheckpoint, cosignature: NoteSignature) => Promise<void>
  readonly timers: Timers
}

const TIMEOUT_MS = 10_000
/** Answers are a few lines. */
const MAX_ANSWER_BYTES = 64 * 1024

/** The witness did not cosign; the message says what it answered. */
export class WitnessError extends Error {
  override readonly name = 'WitnessError'
}

/** Has each checkpoint cosigned by a witness. What it saw last is asked for when it is not known. */
export function witnessTarget(options: WitnessOptions): CheckpointTarget {
  /** Size of the checkpoint that the witness cosigned last, as far as is known. */
  let oldSize = 0

  async function submit(checkpoint: SignedCheckpoint): Promise<{ status: number; body: string }> {
    const { size, text } = checkpoint
    const hashes = await options.consistency(oldSize, size)
    const proof = hashes.map((hash) => `${hash.toString('base64')}\n`).join('')
    return post(options, `old ${oldSize}\n${proof}\n${text}`)
  }

  async function publish(checkpoint: SignedCheckpoint): Promise<void> {
    let answer = await submit(checkpoint)
    if (answer.status === 409 && /^\d{1,15}\n?$/.test(answer.body)) {
      const seen = Number(answer.body)
      if (seen > checkpoint.size) {
        throw new WitnessError(`it saw ${seen} records, and there are ${checkpoint.size}`)
      }
      oldSize = seen
      answer = await submit(checkpoint)
    }
    if (answer.status !== 200) throw new WitnessError(`it answered ${answer.status}`)
    const cosignature = parseSignatureLines(answer.body).find(
      (line) => verifiedCosignatureTime(checkpoint.note, line, options.key) !== null,
    )
    if (!cosignature) throw new WitnessError('it did not sign with its key')
    oldSize = checkpoint.size
    await options.keep(checkpoint, cosignature)
  }

  return { name: `witness ${options.key.name}`, publish }
}

async function post(
  { url, timers }: WitnessOptions,
  body: string,
): Promise<{ status: number; body: string }> {
  const abort = new AbortController()
  const cancel = timers.after(TIMEOUT_MS, () => abort.abort())
  try {
    const target = `${url.replace(/\/+$/, '')}/add-checkpoint`
    const { signal } = abort
    // A redirect would make somebody else the witness.
    const response = await fetch(target, { method: 'POST', body, signal, redirect: 'manual' })
    return { status: response.status, body: await boundedText(response) }
  } finally {
    cancel()
  }
}

/** A witness is somebody else: no more of its answer is held than an answer may have. */
async function boundedText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of response.body ?? []) {
    sizeBytes += piece.length
    if (sizeBytes > MAX_ANSWER_BYTES) throw new WitnessError('its answer is too long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}
