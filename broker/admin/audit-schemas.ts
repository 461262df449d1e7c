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
  },
  { title: 'AuditDiff' },
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
