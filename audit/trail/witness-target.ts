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
const MAX_ANSWER_CHARACTERS = 64 * 1024

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
      oldSize = Number(answer.body)
      if (oldSize > checkpoint.size) {
        throw new WitnessError(`it saw ${oldSize} records, and there are ${checkpoint.size}`)
      }
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
    const response = await fetch(target, { method: 'POST', body, signal: abort.signal })
    const text = await response.text()
    if (text.length > MAX_ANSWER_CHARACTERS) throw new WitnessError('its answer is too long')
    return { status: response.status, body: text }
  } finally {
    cancel()
  }
}
