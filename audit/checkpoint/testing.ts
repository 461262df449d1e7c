import { seededRandom } from '../../kit/index.ts'
import { sha256 } from '../merkle/hashes.ts'
import { cosignedMessage } from './cosignature.ts'
import { ED25519_COSIGNATURE, signerFromSeed } from './note-keys.ts'
import { parseNote, signatureLine } from './signed-note.ts'

/** A witness for tests: its verifier key, and what it puts under a checkpoint. */
export interface TestWitness {
  readonly key: string
  /** The signature line for the checkpoint, as if it had seen it then. */
  cosign(checkpoint: string, timeSeconds: number): string
}

export function testWitness(name: string, seed: number): TestWitness {
  const signer = signerFromSeed(name, seededRandom(seed).bytes(32))
  const key = Buffer.from(signer.verifier.text.split('+').slice(2).join('+'), 'base64')
  key[0] = ED25519_COSIGNATURE
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), key])).toString('hex', 0, 4)
  return {
    key: `${name}+${id}+${key.toString('base64')}`,
    cosign(checkpoint, timeSeconds) {
      const time = Buffer.alloc(8)
      time.writeBigUInt64BE(BigInt(timeSeconds))
      const message = cosignedMessage(parseNote(checkpoint).text, BigInt(timeSeconds))
      return signatureLine({ name, id, signature: Buffer.concat([time, signer.sign(message)]) })
    },
  }
}
