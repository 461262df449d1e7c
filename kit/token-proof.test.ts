import { expect, it } from 'vitest'
import { tokenProof } from './token-proof.ts'

it('is another one for each token, challenge and port', () => {
  const proofs = [
    tokenProof('token', 'challenge', 9644),
    tokenProof('other', 'challenge', 9644),
    tokenProof('token', 'another', 9644),
    tokenProof('token', 'challenge', 9645),
  ]
  expect(new Set(proofs).size).toBe(4)
  expect(tokenProof('token', 'challenge', 9644)).toBe(proofs[0])
})
