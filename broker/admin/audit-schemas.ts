import { Type } from 'typebox'
import { pageNext } from './http/paging.ts'
import { closed, nullable } from './http/schema.ts'

const anyJson = Type.Unsafe<unknown>({
  description: 'Any JSON value; null where there is nothing.',
})

const resource = closed({
  kind: Type.String(),
  name: Type.String(),
  id: nullable(Type.String()),
})

/** A record as it is stored; `docs/` has what each member means. */
export const auditRecord = Type.Unsafe<object>({
  type: 'object',
  title: 'AuditRecord',
  description: 'One control operation, as audit/record.ts has it.',
  required: ['seq', 'id', 'recordedAt', 'actor', 'operation', 'resource', 'outcome'],
  additionalProperties: true,
})

export const auditRecords = closed(
  { records: Type.Array(auditRecord), next: pageNext },
  { title: 'AuditRecords' },
)

export const auditState = closed(
  {
    seq: Type.Integer({ description: 'The last record that is in it.' }),
    hash: Type.String({ description: 'Of all resources, as checkpoints have it.' }),
    resources: Type.Array(
      closed({
        resource,
        value: anyJson,
        seq: Type.Integer({ description: 'The record that changed it last.' }),
        recordedAt: Type.String(),
      }),
    ),
    next: pageNext,
  },
  { title: 'AuditState' },
)

export const auditDiff = closed(
  {
    from: Type.Integer(),
    to: Type.Integer(),
    changes: Type.Array(closed({ resource, from: anyJson, to: anyJson })),
    next: pageNext,
  },
  { title: 'AuditDiff' },
)

const key = Type.String({ description: '`kind:id`, or `kind:name` where there is no id.' })
const seqs = Type.Array(Type.Integer())

/** What a rewind would do, or did. */
export const rewindAnswer = closed(
  {
    dryRun: Type.Boolean(),
    baseSeq: Type.Integer({ description: 'The last record that the plan knows of.' }),
    seq: nullable(Type.Integer({ description: 'The record of the rewind; null for a dry run.' })),
    error: Type.String({ description: 'NONE when all of it can be done, or was.' }),
    message: nullable(Type.String()),
    refusal: nullable(Type.String({ description: 'Why the plan as a whole must not be applied.' })),
    steps: Type.Array(
      closed({
        key,
        resource,
        from: anyJson,
        to: anyJson,
        reverts: seqs,
        sideEffects: Type.Boolean({ description: 'Something that followed cannot be taken back.' }),
        commands: Type.Array(Type.String()),
        cannot: Type.Array(Type.String({ description: 'What the step does not bring back.' })),
        error: Type.String(),
        message: nullable(Type.String()),
        seqs,
      }),
    ),
    conflicts: Type.Array(
      closed({
        key,
        resource,
        path: Type.String({ description: 'The member; empty for the resource as a whole.' }),
        expected: anyJson,
        present: anyJson,
        seq: Type.Integer({ description: 'The record that was to be undone.' }),
        changedBy: nullable(Type.Integer({ description: 'The record that changed it since.' })),
      }),
    ),
    impossible: Type.Array(closed({ seq: Type.Integer(), key, resource, reason: Type.String() })),
  },
  { title: 'Rewind' },
)

const hash = Type.String({ description: 'Base64.' })

export const inclusionProof = closed(
  {
    seq: Type.Integer(),
    size: Type.Integer(),
    leaf: hash,
    root: hash,
    path: Type.Array(hash),
    checkpoint: nullable(Type.String({ description: 'The signed checkpoint of that size.' })),
  },
  { title: 'InclusionProof' },
)

export const consistencyProof = closed(
  {
    from: Type.Integer(),
    size: Type.Integer(),
    fromRoot: hash,
    root: hash,
    path: Type.Array(hash),
  },
  { title: 'ConsistencyProof' },
)
