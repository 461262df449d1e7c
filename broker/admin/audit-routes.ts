import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { EventFormat, HistoryTrail, Moment } from '../../audit/index.ts'
import {
  consistencyOf,
  diffStates,
  EXPORT_FILTERS,
  EXPORT_FORMATS,
  exportEvents,
  exportMatching,
  HistoryQueryError,
  inclusionOf,
  MomentError,
  ProofError,
  parseHistoryQuery,
  parseMoment,
  recordToJson,
} from '../../audit/index.ts'
import { actorOf } from './access/caller.ts'
import { BY_COMMAND, onTopic } from './access/route-access.ts'
import { AUDIT_QUERY } from './audit-query.ts'
import { recordRead } from './audit-reads.ts'
import { REWIND_BODY, rewindProblem, rewindRequestOf, rewindView } from './audit-rewind.ts'
import {
  auditDiff,
  auditRecord,
  auditRecords,
  auditState,
  consistencyProof,
  inclusionProof,
  rewindAnswer,
} from './audit-schemas.ts'
import type { AdminPlugin } from './http/admin-plugin.ts'
import { kafkaProblem } from './http/kafka-problems.ts'
import { mutationQuery, mutationResult } from './http/mutation.ts'
import { Problem, Refusal } from './http/problem.ts'
import { closed, oneOf, wholeNumber } from './http/schema.ts'

/** Whoever may read `__audit` with a Kafka client may read it here. */
const config = { access: onTopic('READ', '__audit') }
const tags = ['Audit']

const MOMENT = 'Digits are a sequence number, anything else is a time of RFC 3339.'
const MAX_TEXT = 1024
/** Entries of one page of a state, and changes of one answer. */
const DEFAULT_PAGE = 1000
const MAX_PAGE = 10_000

const statePage = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE })),
  cursor: Type.Optional(
    Type.String({
      maxLength: MAX_TEXT,
      description: 'Where the page before ended, as its `next` said.',
    }),
  ),
}

const { principal, operation, resource, outcome, door, address, q } = AUDIT_QUERY.properties
const exportFilters = { principal, operation, resource, outcome, door, address, q }

function filtersOf(query: Readonly<Record<string, unknown>>): Record<string, string> {
  const all = texts(query)
  return Object.fromEntries(
    EXPORT_FILTERS.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
  )
}

/** `/v1/audit` and below: the history, states of the past, proofs, exports. */
export const auditRoutes: AdminPlugin = (app, services) => {
  const { broker, audit } = services
  const { trail } = audit
  const { control } = broker

  app.get(
    '/v1/audit',
    {
      config,
      schema: {
        ...{ summary: 'Query the history', operationId: 'listAudit', tags },
        description:
          'Leaves a record itself; what one caller reads in a minute is counted in one, however many pages it has.',
        querystring: AUDIT_QUERY,
        response: { 200: auditRecords },
      },
    },
    async (request) => {
      const query = answering(() => parseHistoryQuery(texts(request.query)))
      const page = await asking(trail.query(query))
      // Pages as well: a cursor is a number, with which anybody could begin.
      recordRead(control, request, texts(request.query))
      return { records: page.records.map(recordToJson), next: page.next }
    },
  )

  app.get(
    '/v1/audit/:seq',
    {
      config,
      schema: {
        ...{ summary: 'One record of the history', operationId: 'getAudit', tags },
        params: closed({ seq: Type.String({ pattern: '^\\d{1,15}$' }) }),
        response: { 200: auditRecord },
      },
    },
    async (request) => {
      const seq = Number(request.params.seq)
      const [entry] = seq < trail.history.nextSeq ? await trail.history.read(seq, 1) : []
      if (!entry) throw new Problem('not-found', `the history ends before record ${seq}`)
      recordRead(control, request, texts(request.params))
      return recordToJson(entry.record)
    },
  )

  app.get(
    '/v1/audit/state',
    {
      config,
      schema: {
        ...{ summary: 'The state at some moment', operationId: 'getAuditState', tags },
        description: 'Every resource as it was, sorted by kind and name, and a hash of all of it.',
        querystring: closed({
          at: Type.Optional(
            Type.String({ maxLength: 64, description: `${MOMENT} Now if left out.` }),
          ),
          kind: Type.Optional(
            Type.String({ maxLength: MAX_TEXT, description: 'Of this kind only.' }),
          ),
          ...statePage,
        }),
        response: { 200: auditState },
      },
    },
    async (request) => {
      const { at, kind, ...asked } = request.query
      const state = await asking(trail.stateAt(momentOf(trail, at)))
      recordRead(control, request, texts(request.query))
      const entries = [...state.entries()]
        .filter(({ resource }) => kind === undefined || resource.kind === kind)
        .sort((one, other) => (one.key < other.key ? -1 : 1))
      const { page, next } = pageByKey(entries, asked)
      const resources = page.map(({ resource, value, seq, recordedAt }) => ({
        ...{ resource: { ...resource }, value, seq, recordedAt },
      }))
      return { seq: state.seq, hash: state.hash(), resources, next }
    },
  )

  app.get(
    '/v1/audit/diff',
    {
      config,
      schema: {
        ...{ summary: 'What differs between two moments', operationId: 'getAuditDiff', tags },
        description:
          'Sorted by kind and name. Ask for the next page with `from` and `to` as the first one answered them.',
        querystring: closed({
          from: Type.String({ maxLength: 64, description: MOMENT }),
          to: Type.Optional(
            Type.String({ maxLength: 64, description: `${MOMENT} Now if left out.` }),
          ),
          ...statePage,
        }),
        response: { 200: auditDiff },
      },
    },
    async (request) => {
      const { from, to, ...asked } = request.query
      const [before, after] = [
        await asking(trail.stateAt(momentOf(trail, from))),
        await asking(trail.stateAt(momentOf(trail, to))),
      ]
      recordRead(control, request, texts(request.query))
      const { page, next } = pageByKey(diffStates(before, after), asked)
      const changes = page.map((change) => ({
        resource: { ...change.resource },
        from: change.from,
        to: change.to,
      }))
      return { from: before.seq, to: after.seq, changes, next }
    },
  )

  app.get(
    '/v1/audit/checkpoint',
    {
      config,
      schema: {
        ...{ summary: 'The newest signed checkpoint', operationId: 'getCheckpoint', tags },
        description: 'A signed note of C2SP; with the cosignature of a witness where there is one.',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      await trail.checkpointNow()
      const text = audit.checkpointText
      if (text === null) throw new Problem('not-found', 'nothing was signed yet')
      return reply.type('text/plain; charset=utf-8').send(text)
    },
  )

  app.get(
    '/v1/audit/proof',
    {
      config,
      schema: {
        ...{ summary: 'That a record is in the history', operationId: 'getInclusionProof', tags },
        description:
          'Audit path of RFC 6962 from the record to the root of the first `size` records.',
        querystring: closed({
          seq: wholeNumber('The record.'),
          size: Type.Optional(
            wholeNumber('Records of the tree; those of the newest checkpoint if left out.'),
          ),
        }),
        response: { 200: inclusionProof },
      },
    },
    async ({ query: { seq, size } }) => {
      const signed = await trail.checkpointNow()
      const treeSize = size ?? signed?.size ?? 0
      const proof = await asking(inclusionOf(trail.tree, seq, treeSize))
      return {
        ...proof,
        path: [...proof.path],
        checkpoint: signed?.size === treeSize ? signed.text : null,
      }
    },
  )

  app.get(
    '/v1/audit/consistency',
    {
      config,
      schema: {
        ...{
          summary: 'That nothing of an older tree was changed',
          operationId: 'getConsistencyProof',
          tags,
        },
        querystring: closed({
          from: wholeNumber('Records of the older tree.'),
          size: wholeNumber('Records of the newer tree.'),
        }),
        response: { 200: consistencyProof },
      },
    },
    async ({ query: { from, size } }) => {
      const proof = await asking(consistencyOf(trail.tree, from, size))
      return { ...proof, path: [...proof.path] }
    },
  )

  app.get(
    '/v1/audit/export',
    {
      config,
      schema: {
        ...{ summary: 'Export of the history', operationId: 'exportAudit', tags },
        description:
          '`jsonl` comes with proof, for `glasslog audit verify`, and is of all records. Events can be narrowed by the filters of the list; that none of them is missing is not proved then, single records are by /v1/audit/proof. JSON lines in every format.',
        querystring: closed({
          format: Type.Optional(oneOf(EXPORT_FORMATS, { default: 'jsonl' })),
          from: Type.Optional(wholeNumber('First record.')),
          to: Type.Optional(
            wholeNumber('First record that is left out; a proof ends at a checkpoint.'),
          ),
          ...exportFilters,
        }),
        produces: ['application/x-ndjson'],
        response: { 200: Type.Unsafe<string | Readable>({ type: 'string' }) },
      },
    },
    async (request, reply) => {
      const { format = 'jsonl', from = 0, to } = request.query
      if (from > trail.history.nextSeq) {
        throw new Problem('invalid-request', `the history ends before record ${from}`)
      }
      const filter = answering(() => parseHistoryQuery(filtersOf(request.query)))
      const isFiltered = Object.keys(filter).length > 0
      if (isFiltered && format === 'jsonl') {
        const detail = 'must be cloudevents or ocsf: a proof is of all records'
        throw new Problem('invalid-request', `format ${detail}`, [{ where: 'format', detail }])
      }
      // A filter that cannot be is told before the answer begins.
      if (isFiltered) await asking(trail.query({ ...filter, limit: 1 }))
      const bytes = isFiltered
        ? exportMatching(trail, format as EventFormat, filter, from, to)
        : format === 'jsonl'
          ? trail.export(from, to)
          : exportEvents(trail, format, from, to)
      recordRead(control, request, texts(request.query))
      return reply.type('application/x-ndjson').send(Readable.from(bytes, { objectMode: false }))
    },
  )

  app.post(
    '/v1/audit/rewind',
    {
      config,
      schema: {
        ...{ summary: 'Take operations back', operationId: 'rewind', tags },
        description:
          'Plans with `dryRun`. Every step is a command like any other: it needs its permission and leaves a record that says what it reverts.',
        querystring: closed({
          dryRun: Type.Optional(Type.Boolean({ default: false, description: 'The plan alone.' })),
        }),
        body: REWIND_BODY,
        response: { 200: rewindAnswer },
      },
    },
    async (request) => {
      const { dryRun = false } = request.query
      const wanted = await rewindRequestOf(trail, request.body)
      const answer = await control.rewind(wanted, actorOf(request), { dryRun })
      const isAnswered = dryRun && answer.error !== 'INVALID_REQUEST'
      if (answer.error === 'NONE' || isAnswered) return rewindView(answer, dryRun)
      throw rewindProblem(answer)
    },
  )

  app.post(
    '/v1/audit/key',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Sign with a new key from now on', operationId: 'rotateAuditKey', tags },
        description: 'The old key signs the new one, and the record of that is in the history.',
        querystring: mutationQuery,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { dryRun = false, reason } = request.query
      const outcome = await audit.rotateKey(actorOf(request), { dryRun, reason })
      if (outcome.error !== 'NONE') {
        throw new Refusal(kafkaProblem(outcome.error), outcome.message ?? 'it was refused')
      }
      return { dryRun, seq: dryRun ? null : outcome.seq }
    },
  )
}

/** One page of what is sorted by key; its cursor is the last key. */
function pageByKey<Entry extends { readonly key: string }>(
  entries: readonly Entry[],
  {
    cursor = '',
    limit = DEFAULT_PAGE,
  }: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
): { readonly page: readonly Entry[]; readonly next: string | null } {
  const page = entries.filter(({ key }) => key > cursor).slice(0, limit)
  const last = page.at(-1)
  const isEnd = !last || last.key === entries.at(-1)?.key
  return { page, next: isEnd ? null : last.key }
}

function momentOf(trail: HistoryTrail, text: string | undefined): Moment {
  return text === undefined ? { seq: trail.state.seq } : answering(() => parseMoment(text))
}

/** A query as texts, as the parser of queries takes them. */
function texts(query: object): Record<string, string> {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)] as const)
  return Object.fromEntries(entries)
}

function answering<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw problemOf(error)
  }
}

function asking<Value>(work: Promise<Value>): Promise<Value> {
  return work.catch((error: unknown) => {
    throw problemOf(error)
  })
}

function problemOf(error: unknown): unknown {
  if (
    error instanceof HistoryQueryError ||
    error instanceof MomentError ||
    error instanceof ProofError
  ) {
    return new Problem('invalid-request', error.message)
  }
  return error
}
