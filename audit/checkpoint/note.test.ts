import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.ts'
import { exampleRecord } from '../testing.ts'
import { checkpointText, parseCheckpoint } from './checkpoint.ts'
import { verifiedCosignatureTime } from './cosignature.ts'
import { AUDIT_KEY_RESOURCE, KEY_ROTATION, KeyChain, rotatedKey } from './key-chain.ts'
import {
  decodeBase64,
  NoteError,
  parseSigningKey,
  parseVerifierKey,
  signerFromSeed,
} from './note-keys.ts'
import { isSignedBy, parseNote, parseSignatureLines, signNote } from './signed-note.ts'
import { testWitness } from './testing.ts'

const random = seededRandom(1)
const signer = signerFromSeed('example.com/log', random.bytes(32))
const other = signerFromSeed('example.com/log', random.bytes(32))

/** The example that Go's note package documents, made by Go. */
const GO_VERIFIER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const GO_SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const GO_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

describe('signed notes', () => {
  it('are those of the C2SP ecosystem', () => {
    const verifier = parseVerifierKey(GO_VERIFIER)
    const note = parseNote(GO_NOTE)
    expect(isSignedBy(note, verifier)).toBe(true)
    expect(signNote(note.text, [parseSigningKey(GO_SIGNER)])).toBe(GO_NOTE)
    expect(parseSigningKey(GO_SIGNER).verifier.text).toBe(GO_VERIFIER)
  })

  it('are not signed by keys that did not sign them', () => {
    const note = parseNote(signNote('a\nb\n', [signer]))
    expect(isSignedBy(note, signer.verifier)).toBe(true)
    expect(isSignedBy(note, other.verifier)).toBe(false)
    expect(isSignedBy({ ...note, text: 'a\nc\n' }, signer.verifier)).toBe(false)
  })

  it('may be signed by several, and are spoilt by one bad signature of a known key', () => {
    const note = parseNote(signNote('a\n', [signer, other]))
    expect(isSignedBy(note, signer.verifier) && isSignedBy(note, other.verifier)).toBe(true)
    const bad = { ...signer, signature: Buffer.alloc(64) }
    const spoilt = { ...note, signatures: [...note.signatures, bad] }
    expect(isSignedBy(spoilt, signer.verifier)).toBe(false)
  })

  it.each([
    'a',
    'a\n',
    'a\n\n',
    'a\n\nb\n',
    'a\n\n\u2014 name\n',
    'a\n\n\u2014 name AAAAAAAA',
    'a\n\n\u2014 name AAAAAAAA AAAAAAAA\n',
    'a\n\n\u2014 na+me AAAAAAAA\n',
    'a\n\n\u2014 name AAAA\n',
    'a\n\n\u2014 name AAAAAAB=\n',
    'a\r\n\n\u2014 name AAAAAAAA\n',
    `a\n\n${'\u2014 name AAAAAAAA\n'.repeat(65)}`,
    `${'a'.repeat(70_000)}\n\n\u2014 name AAAAAAAA\n`,
  ])('are not %j', (text) => {
    expect(() => parseNote(text)).toThrow(NoteError)
  })

  it.each(['', 'a b', 'a+b', 'a\nb', '\ud800'])('have no key called %j', (name) => {
    expect(() => signerFromSeed(name, Buffer.alloc(32))).toThrow(NoteError)
  })
})

describe('keys as text', () => {
  it.each([
    '',
    'name',
    GO_VERIFIER.replace('c74f20a3', 'c74f20a4'),
    GO_VERIFIER.replace('+ARpc', '+AhpC'),
    GO_VERIFIER.slice(0, -4),
    'a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  ])('%j is no verifier key', (text) => {
    expect(() => parseVerifierKey(text)).toThrow(NoteError)
  })

  it('say nothing of a secret that cannot be read', () => {
    const broken = GO_SIGNER.replace('c74f20a3', 'c74f20a4')
    expect(() => parseSigningKey(broken)).toThrow(NoteError)
    expect(() => parseSigningKey('PRIVATE+KEY+secret')).toThrow(/^((?!secret).)*$/)
  })

  it('have one form of base64', () => {
    expect(decodeBase64('AA==')).toEqual(Buffer.of(0))
    for (const text of ['AB==', 'AA', 'A A==', 'AA==\n']) expect(decodeBase64(text)).toBeNull()
  })
})

const checkpoint = {
  origin: 'example.com/log',
  size: 20852163,
  root: random.bytes(32),
  stateHash: 'ab'.repeat(32),
}

describe('checkpoints', () => {
  it('go through their text', () => {
    for (const stateHash of [checkpoint.stateHash, null]) {
      const text = signNote(checkpointText({ ...checkpoint, stateHash }), [signer])
      expect(parseCheckpoint(text)).toMatchObject({ ...checkpoint, stateHash, text })
    }
  })

  it('carry lines that are not ours', () => {
    const text = signNote(`${checkpointText(checkpoint)}something else\n`, [signer])
    expect(parseCheckpoint(text)).toMatchObject(checkpoint)
  })

  const root = checkpoint.root.toString('base64')
  it.each([
    '\n1\n',
    `log\n01\n${root}\n`,
    `log\n-1\n${root}\n`,
    `log\n1\n${root.slice(4)}\n`,
    `log\n1\n${root}\n\nmore\n`,
    `log\n1\n${root}\nglasslog-state-v1 x\n`,
    `log\n1\n${root}\n${`glasslog-state-v1 ${'00'.repeat(32)}\n`.repeat(2)}`,
  ])('are not %j', (text) => {
    expect(() => parseCheckpoint(signNote(text, [signer]))).toThrow(NoteError)
  })
})

describe('cosignatures', () => {
  const test = testWitness('witness.example/w1', 3)
  const witness = parseVerifierKey(test.key)
  const text = signNote(checkpointText(checkpoint), [signer])
  const { note } = parseCheckpoint(text)

  it('prove when a witness saw a checkpoint', () => {
    const [line] = parseSignatureLines(test.cosign(text, 1_679_315_147))
    if (!line) throw new Error('a line')
    expect(verifiedCosignatureTime(note, line, witness)).toBe(1_679_315_147)
    expect(verifiedCosignatureTime({ ...note, text: `${note.text}x\n` }, line, witness)).toBeNull()
    const later = { ...line, signature: Buffer.from(line.signature) }
    later.signature[7] = 0
    expect(verifiedCosignatureTime(note, later, witness)).toBeNull()
    expect(verifiedCosignatureTime(note, { ...line, id: '00000000' }, witness)).toBeNull()
    expect(verifiedCosignatureTime(note, line, signer.verifier)).toBeNull()
  })
})

describe('the keys of a history', () => {
  const third = signerFromSeed('example.com/log', random.bytes(32))
  const rotation = (seq: number, after: ReturnType<typeof rotatedKey>) =>
    exampleRecord(seq, { operation: KEY_ROTATION, resource: AUDIT_KEY_RESOURCE, after })
  const begin = (auditKey?: string) =>
    exampleRecord(0, {
      operation: 'cluster.create',
      after: { clusterId: 'c', ...(auditKey === undefined ? {} : { auditKey }) },
    })

  it('begin with record 0 and change with each rotation', () => {
    const chain = new KeyChain()
    chain.apply(begin(signer.verifier.text))
    chain.apply(rotation(5, rotatedKey(signer, other.verifier)))
    chain.apply(rotation(9, rotatedKey(other, third.verifier)))
    const ids = [1, 5, 6, 9, 10, 99].map((size) => chain.keyAt(size)?.id)
    expect(ids).toEqual([signer.id, signer.id, other.id, other.id, third.id, third.id])
    expect(chain.current?.id).toBe(third.id)
  })

  it('enter a history that had none', () => {
    const chain = new KeyChain()
    chain.apply(begin())
    expect(chain.current).toBeNull()
    chain.apply(rotation(3, rotatedKey(null, signer.verifier)))
    expect(chain.keyAt(1)?.id).toBe(signer.id)
    const replaces = rotation(4, rotatedKey(null, other.verifier))
    expect(() => chain.apply(replaces)).toThrow(NoteError)
  })

  it.each([
    ['a key that was not in force', rotatedKey(other, third.verifier)],
    [
      'an endorsement of another key',
      { ...rotatedKey(signer, other.verifier), verifierKey: third.verifier.text },
    ],
    ['no endorsement', { ...rotatedKey(signer, other.verifier), endorsement: null }],
  ])('refuse %s', (_, after) => {
    const chain = new KeyChain()
    chain.apply(begin(signer.verifier.text))
    expect(() => chain.apply(rotation(1, after))).toThrow(NoteError)
  })

  it('do not change with a rotation that failed', () => {
    const chain = new KeyChain()
    chain.apply(begin(signer.verifier.text))
    const failed = rotation(1, rotatedKey(signer, other.verifier))
    chain.apply({ ...failed, outcome: { code: 'CLUSTER_AUTHORIZATION_FAILED', message: null } })
    expect(chain.current?.id).toBe(signer.id)
  })
})
