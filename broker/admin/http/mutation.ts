import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Type } from 'typebox'
import { errors } from '../../../protocol/index.ts'
import type {
  Attempt,
  Command,
  ControlPlane,
  ExecuteOptions,
  Outcome,
} from '../../control/index.ts'
import { actorOf } from '../access/caller.ts'
import { expectedSeqOf, setETag } from './etag.ts'
import { kafkaProblem } from './kafka-problems.ts'
import { Refusal } from './problem.ts'
import { closed, nullable } from './schema.ts'

const mutationMembers = {
  dryRun: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Decide and answer as if it were done; change nothing, record nothing.',
    }),
  ),
  reason: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: 'Why; kept in the record.' }),
  ),
}

/** Query of a mutation. */
export const mutationQuery = closed(mutationMembers)

type MutationQuery = Static<typeof mutationQuery>

/** Query of a mutation that takes more. */
export function mutationQueryWith<Members extends Readonly<Record<string, TSchema>>>(
  members: Members,
) {
  return closed({ ...mutationMembers, ...members })
}

/** Headers of a mutation of something that exists. */
export const ifMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 64,
      description:
        'The ETag that was read before: refused with 412 when the resource was changed since. `*` for any that there is: refused with 412 when there is none.',
    }),
  ),
})

const resultMembers = {
  dryRun: Type.Boolean({ description: 'True when nothing was changed.' }),
  seq: nullable(
    Type.Integer({ description: 'Number of its record in the history; null for a dry run.' }),
  ),
}

/** The answer of a mutation that leaves nothing to show. */
export const mutationResult = closed(resultMembers, { title: 'MutationResult' })
export type MutationResult = Static<typeof mutationResult>

/** The answer of a mutation: the resource as it is afterwards, and the record. */
export function mutated<Members extends Readonly<Record<string, TSchema>>>(
  title: string,
  members: Members,
) {
  return closed({ ...members, ...resultMembers }, { title })
}

/** What became of commands that were not refused. */
export interface Done<C extends Command> {
  readonly outcomes: readonly Outcome<C>[]
  /** For the answer. `seq` is of the last record. */
  readonly result: MutationResult
}

/**
 * Runs the commands of one call for the sender of a request: the same commands, decisions and
 * records as through the Kafka door, all of them or none. Throws a Problem with the error of the
 * first that was refused.
 */
export async function execute<C extends Command>(
  control: ControlPlane,
  request: FastifyRequest,
  commands: readonly C[],
): Promise<Done<C>> {
  const { dryRun = false, reason } = request.query as MutationQuery
  const expectedSeq = expectedSeqOf(request)
  const options: ExecuteOptions = {
    validateOnly: dryRun,
    allOrNothing: true,
    ...(expectedSeq === null ? {} : { expectedSeq }),
    ...(reason === undefined ? {} : { notes: commands.map(() => ({ reason })) }),
  }
  const outcomes = await control.execute(commands, actorOf(request), options)
  const refused = outcomes.filter(({ error }) => error !== 'NONE')
  const cause = refused.find(({ error }) => error !== 'OPERATION_NOT_ATTEMPTED') ?? refused[0]
  if (cause) throw refusal(cause)
  return { outcomes, result: { dryRun, seq: dryRun ? null : (outcomes.at(-1)?.seq ?? null) } }
}

/**
 * For a command that costs something to make, or that only who may give it may know enough to make:
 * throws a Problem when the sender may not, and has the attempt recorded as `execute` would.
 */
export async function requirePermitted(
  control: ControlPlane,
  request: FastifyRequest,
  attempt: Pick<Attempt, 'command' | 'asked'>,
): Promise<void> {
  const { dryRun: validateOnly = false, reason } = request.query as MutationQuery
  const denied = await control.denialOf({ ...attempt, validateOnly, reason }, actorOf(request))
  if (denied) throw refusal(denied)
}

function refusal({ error, message }: Outcome): Refusal {
  return new Refusal(kafkaProblem(error), message ?? errors[error].message)
}

/** As `execute`, for one command: also answers the resource as it is afterwards. */
export async function executeOne<C extends Command>(
  control: ControlPlane,
  request: FastifyRequest,
  command: C,
): Promise<{ readonly after: Outcome<C>['after']; readonly result: MutationResult }> {
  const { outcomes, result } = await execute(control, request, [command])
  return { after: outcomes[0]?.after ?? null, result }
}

/** The answer to a mutation that may have made something: 201 when it did. */
export function answerMutation<Answer extends MutationResult>(
  reply: FastifyReply,
  answer: Answer,
  location?: string,
): Answer {
  if (answer.seq !== null) setETag(reply, answer.seq)
  if (location !== undefined && !answer.dryRun) reply.code(201).header('location', location)
  return answer
}

/** The resource after an operation that was not refused: it is there. */
export function present<Resource>(after: Resource | null | undefined): Resource {
  if (after === null || after === undefined)
    throw new Error('an operation succeeded without a result')
  return after
}
