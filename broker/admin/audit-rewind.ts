import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { HistoryTrail } from '../../audit/index.ts'
import { MomentError, parseMoment } from '../../audit/index.ts'
import type { RewindAnswer, RewindRequest } from '../control/index.ts'
import { kafkaProblem } from './http/kafka-problems.ts'
import { Problem, Refusal } from './http/problem.ts'
import { closed, oneOf, wholeNumber } from './http/schema.ts'

const MAX_SEQS = 10_000
const MAX_TEXT = 1024

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: MAX_TEXT, description })

/** Body of `POST /v1/audit/rewind`: back to a moment, or chosen operations. */
export const REWIND_BODY = closed({
  to: Type.Optional(text('Back to this moment: digits are a sequence number, else RFC 3339.')),
  until: Type.Optional(
    wholeNumber(
      'With `to`: what came after this record stays. `baseSeq` of a plan does no more than the plan showed.',
    ),
  ),
  undo: Type.Optional(
    Type.Array(wholeNumber('A record to be undone.'), { minItems: 1, maxItems: MAX_SEQS }),
  ),
  scope: Type.Optional(
    closed({
      kinds: Type.Optional(Type.Array(text('A kind of resource.'), { maxItems: 64 })),
      namePrefix: Type.Optional(text('Resources whose names begin so.')),
      principal: Type.Optional(text('Operations of this principal alone.')),
    }),
  ),
  choices: Type.Optional(
    Type.Record(Type.String(), oneOf(['keep', 'overwrite', 'skip']), {
      description: 'By key: what to do about a conflict, or leave the resource out.',
    }),
  ),
  reason: Type.Optional(text('Why; kept in the records.')),
})

type RewindBody = Static<typeof REWIND_BODY>

/** Throws a Problem for a moment that there is not. */
export async function rewindRequestOf(
  trail: HistoryTrail,
  { to, until, undo, scope, choices, reason }: RewindBody,
): Promise<RewindRequest> {
  return {
    ...(to === undefined ? {} : { to: await seqOf(trail, to) }),
    ...(until === undefined ? {} : { until }),
    ...(undo === undefined ? {} : { undo }),
    ...(scope === undefined ? {} : { scope }),
    ...(choices === undefined ? {} : { choices: new Map(Object.entries(choices)) }),
    ...(reason === undefined ? {} : { reason }),
  }
}

async function seqOf(trail: HistoryTrail, to: string): Promise<number> {
  try {
    return await trail.seqAt(parseMoment(to))
  } catch (error) {
    if (!(error instanceof MomentError)) throw error
    throw new Problem('invalid-request', error.message, [
      { where: 'body/to', detail: error.message },
    ])
  }
}

/** What was refused or failed: a conflict has a status of its own, so that a client can choose. */
export function rewindProblem({ plan, error, message }: RewindAnswer): Refusal {
  const detail = message ?? 'the rewind was refused'
  const parts = plan.conflicts.map(({ key, path, changedBy }) => ({
    where: path === '' ? key : `${key}/${path}`,
    detail: changedBy === null ? 'is gone' : `was changed by record ${changedBy}`,
  }))
  if (plan.conflicts.length > 0) return new Refusal('conflict', detail, parts)
  if (error === 'NONE') throw new Error('a rewind that was done is no problem')
  return new Refusal(kafkaProblem(error), detail)
}

export function rewindView({ plan, steps, error, message, seq }: RewindAnswer, dryRun: boolean) {
  return {
    dryRun,
    baseSeq: plan.baseSeq,
    seq: dryRun ? null : seq,
    error,
    message,
    refusal: plan.refusal,
    steps: steps.map(({ step, ...rest }) => ({
      ...step,
      resource: { ...step.resource },
      reverts: [...step.reverts],
      ...rest,
      commands: [...rest.commands],
      cannot: [...rest.cannot],
      seqs: [...rest.seqs],
    })),
    conflicts: plan.conflicts.map((conflict) => ({
      ...conflict,
      resource: { ...conflict.resource },
      expected: conflict.expected ?? null,
      present: conflict.present ?? null,
    })),
    impossible: plan.impossible.map((one) => ({ ...one, resource: { ...one.resource } })),
  }
}
