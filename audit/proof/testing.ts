import { seededRandom } from '../../kit/index.ts'
import { checkpointText } from '../checkpoint/checkpoint.ts'
import { AUDIT_KEY_RESOURCE, KEY_ROTATION, rotatedKey } from '../checkpoint/key-chain.ts'
import type { NoteSigner } from '../checkpoint/note-keys.ts'
import { signerFromSeed } from '../checkpoint/note-keys.ts'
import { signNote } from '../checkpoint/signed-note.ts'
import { encodeRecord } from '../codec.ts'
import { createMemoryHistory } from '../memory-history.ts'
import { MerkleFrontier } from '../merkle/frontier.ts'
import { leafHash } from '../merkle/hashes.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryFold } from '../state/history-fold.ts'
import { exampleRecord } from '../testing.ts'
import type { ProofSource } from './proof-export.ts'
import { exportWithProof } from './proof-export.ts'

export const ORIGIN = 'glasslog/test-cluster'

/** Signing keys for tests: the same number is the same key. */
export function testKey(number: number): NoteSigner {
  return signerFromSeed(ORIGIN, seededRandom(number).bytes(32))
}

/** Record 0 of a history whose checkpoints that key signs. */
export function firstRecord(key: NoteSigner): HistoryRecord {
  return exampleRecord(0, {
    operation: 'cluster.create',
    resource: { kind: 'cluster', name: 'test-cluster', id: 'test-cluster' },
    after: { clusterId: 'test-cluster', auditKey: key.verifier.text },
  })
}

export function rotationRecord(seq: number, from: NoteSigner, to: NoteSigner): HistoryRecord {
  return exampleRecord(seq, {
    operation: KEY_ROTATION,
    resource: AUDIT_KEY_RESOURCE,
    after: rotatedKey(from, to.verifier),
  })
}

/** What stands in an export for a record with these bytes, without the line break. */
export function recordLine(bytes: Uint8Array): string {
  const leaf = leafHash(bytes).toString('base64')
  return `{"leaf":"${leaf}","record":${Buffer.from(bytes).toString()}}`
}

/** Records with a checkpoint after each of the sizes, as a broker would have kept them. */
export function signedHistory(
  records: readonly HistoryRecord[],
  checkpoints: readonly { readonly size: number; readonly key: NoteSigner }[],
): ProofSource & { readonly notes: readonly string[] } {
  const stored = records.map(encodeRecord)
  const tree = new MerkleFrontier()
  const fold = new HistoryFold()
  const edges = new Map([[0, tree.roots]])
  const notes: { size: number; text: string }[] = []
  for (const [seq, record] of records.entries()) {
    tree.append(leafHash(stored[seq] ?? Buffer.alloc(0)))
    fold.apply(record)
    edges.set(tree.size, [...tree.roots])
    for (const { key } of checkpoints.filter(({ size }) => size === tree.size)) {
      const state = { root: tree.root(), stateHash: fold.hash() }
      const text = checkpointText({ origin: ORIGIN, size: tree.size, ...state })
      notes.push({ size: tree.size, text: signNote(text, [key]) })
    }
  }
  const key = checkpoints[0]?.key.verifier.text ?? ''
  return {
    history: createMemoryHistory(stored),
    header: (from) => Promise.resolve({ origin: ORIGIN, key, from, edge: edges.get(from) ?? [] }),
    async *checkpointsAfter(size) {
      yield* notes.filter((note) => note.size > size)
    },
    notes: notes.map(({ text }) => text),
  }
}

export async function exportToBuffer(
  source: ProofSource,
  from = 0,
  end = source.history.nextSeq,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of exportWithProof(source, from, end)) pieces.push(piece)
  return Buffer.concat(pieces)
}
