import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Json } from '../../../audit/index.ts'
import type { Topic } from '../../control/index.ts'
import type { PartitionLog } from '../../log/index.ts'
import { BY_COMMAND, onNamed } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { execute, mutated, mutationQueryWith, present } from '../http/mutation.ts'
import { pageNext, pageQuery } from '../http/paging.ts'
import { Problem } from '../http/problem.ts'
import { closed, oneOf, topicName } from '../http/schema.ts'
import type { BrowseStart } from '../records/browse.ts'
import { browseRecords, MAX_BROWSED_PARTITIONS } from '../records/browse.ts'
import { FRAMINGS } from '../records/formats/codec-of.ts'
import { MAX_SCHEMA_LENGTH } from '../records/formats/schema-bounds.ts'
import { FORMATS, UnfitValue } from '../records/formats/value-codec.ts'
import { openLog } from '../records/open-log.ts'
import { countShown, refuseHeldReader } from '../records/read-quota.ts'
import { recordSchema } from '../records/record-view.ts'
import { sendRecords } from '../records/send.ts'
import { existingTopic } from '../views/existing.ts'

const MAX_PART_LENGTH = 4_096
/** Records are what makes a request large. */
const SEND_BODY_BYTES = 16 * 1024 * 1024
const MAX_SENT_RECORDS = 10_000

const params = Type.Object({ topic: topicName() })
const part = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: MAX_PART_LENGTH, description }))
const schemaText = (what: string) =>
  Type.Optional(
    Type.String({
      maxLength: MAX_SCHEMA_LENGTH,
      description: `Schema of ${what} for avro or protobuf.`,
    }),
  )
const messageName = (what: string) =>
  Type.Optional(
    Type.String({
      maxLength: 1_024,
      description: `Which message of the Protobuf schema ${what} are.`,
    }),
  )
const framing = oneOf(FRAMINGS, {
  default: 'none',
  description:
    '`schema-registry`: avro and protobuf come after the header that a registry’s serializers write.',
})

const browseQuery = closed({
  partition: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0 }), {
      maxItems: MAX_BROWSED_PARTITIONS,
      description: 'Only these; may be repeated.',
    }),
  ),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'From this offset on, in each partition.',
    }),
  ),
  time: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'From the first record at or after this time on.',
    }),
  ),
  tail: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'So many of the newest; `next` goes back in time.',
    }),
  ),
  key: part('Only records whose key has this part.'),
  value: part('Only records whose value has this part.'),
  header: part('Only records with a header of this name; `name=part` also looks into its value.'),
  path: part('Only records in whose value this JSONPath query (RFC 9535) selects something.'),
  pathValue: part('What `path` has to select: a text itself, anything else as JSON.'),
  keyFormat: Type.Optional(oneOf(FORMATS, { default: 'auto' })),
  keySchema: schemaText('the keys'),
  keyMessage: messageName('the keys'),
  valueFormat: Type.Optional(oneOf(FORMATS, { default: 'auto' })),
  valueSchema: schemaText('the values'),
  valueMessage: messageName('the values'),
  framing: Type.Optional(framing),
  ...pageQuery,
})

const anyJson = Type.Unsafe<Json>({})

const newRecord = closed(
  {
    key: Type.Optional(anyJson),
    value: Type.Optional(anyJson),
    headers: Type.Optional(
      Type.Array(
        closed({
          name: Type.String({ maxLength: MAX_PART_LENGTH }),
          value: Type.Union([Type.String(), Type.Null()]),
        }),
        { maxItems: 1_000 },
      ),
    ),
    partition: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Chosen by the key, as Kafka’s clients do, when left out.',
      }),
    ),
    timestamp: Type.Optional(
      Type.String({ format: 'date-time', description: 'Now when left out.' }),
    ),
  },
  { title: 'NewRecord', description: 'A key or value that is null or left out is none.' },
)

const sendBody = closed(
  {
    records: Type.Array(newRecord, { minItems: 1, maxItems: MAX_SENT_RECORDS }),
    compression: Type.Optional(
      oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd'], { default: 'none' }),
    ),
    keyFormat: Type.Optional(oneOf(FORMATS, { default: 'auto' })),
    keySchema: schemaText('the keys'),
    keyMessage: messageName('the keys'),
    valueFormat: Type.Optional(oneOf(FORMATS, { default: 'auto' })),
    valueSchema: schemaText('the values'),
    valueMessage: messageName('the values'),
  },
  { title: 'NewRecords' },
)

const sentRecord = closed(
  {
    partition: Type.Integer(),
    offset: Type.Integer({ description: '-1 when nothing was sent.' }),
    timestamp: Type.String({ format: 'date-time' }),
  },
  { title: 'SentRecord' },
)

const deleteQuery = mutationQueryWith({
  partition: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: 'All of them when left out.' }),
  ),
  before: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      description: 'First offset that stays; the end when left out.',
    }),
  ),
})

/** `/v1/topics/{topic}/records`: looking into a topic, and sending to it. */
export const recordsRoutes: AdminPlugin = (app, { broker }) => {
  const { control, log, clock } = broker

  app.get(
    '/v1/topics/:topic/records',
    {
      config: { access: onNamed('READ', 'TOPIC', 'topic') },
      schema: {
        summary: 'Browse records by offset, by time, or the newest',
        description:
          'Records of a page are in the order of their times. A page is short, even empty, when much had to be looked at; `next` goes on. From the beginning unless offset, time or tail is given.',
        operationId: 'browseRecords',
        tags: ['Records'],
        params,
        querystring: browseQuery,
        response: {
          200: closed({
            records: Type.Array(recordSchema),
            next: pageNext,
            scanned: closed({ records: Type.Integer(), bytes: Type.Integer() }),
          }),
        },
      },
    },
    async (request) => {
      const { query } = request
      const topic = existingTopic(control, request.params.topic)
      const logs = logsOf(topic, query.partition)
      const reader = { principal: request.caller.principal }
      refuseHeldReader(broker, topic, reader)
      const page = await fitting(() =>
        browseRecords(log, clock, {
          logs,
          start: startOf(query),
          limit: query.tail ?? query.limit ?? 100,
          cursor: query.cursor,
          query: {
            keyFormat: formatOf(query.keyFormat, query.keySchema, query.keyMessage, query.framing),
            valueFormat: formatOf(
              query.valueFormat,
              query.valueSchema,
              query.valueMessage,
              query.framing,
            ),
            key: query.key,
            value: query.value,
            header: query.header,
            path: query.path,
            pathValue: query.pathValue,
          },
        }),
      )
      countShown(broker, topic, reader, page.records)
      return page
    },
  )

  function logsOf(topic: Topic, wanted: readonly number[] | undefined): PartitionLog[] {
    const partitions = wanted ?? Array.from({ length: topic.partitionCount }, (_, index) => index)
    if (partitions.length > MAX_BROWSED_PARTITIONS) {
      const detail = `must name some of the ${topic.partitionCount} partitions, at most ${MAX_BROWSED_PARTITIONS}`
      throw new Problem('invalid-request', `partition ${detail}`, [{ where: 'partition', detail }])
    }
    return [...new Set(partitions)].map((partition) => openLog(broker, topic, partition))
  }

  app.post(
    '/v1/topics/:topic/records',
    {
      bodyLimit: SEND_BODY_BYTES,
      config: { access: onNamed('WRITE', 'TOPIC', 'topic') },
      schema: {
        summary: 'Send records',
        description:
          'Answers when the records are on the disk. Those of one partition are stored together or not at all; after a failure those of other partitions may be stored.',
        operationId: 'sendRecords',
        tags: ['Records'],
        params,
        querystring: closed({
          dryRun: Type.Optional(
            Type.Boolean({ default: false, description: 'Check everything, store nothing.' }),
          ),
        }),
        body: sendBody,
        response: {
          200: closed({ dryRun: Type.Boolean(), records: Type.Array(sentRecord) }),
          201: closed({ dryRun: Type.Boolean(), records: Type.Array(sentRecord) }),
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      const dryRun = request.query.dryRun === true
      const topic = existingTopic(control, request.params.topic)
      const records = await fitting(() =>
        sendRecords(broker, topic, {
          sender: { principal: request.caller.principal },
          dryRun,
          records: body.records,
          compression: body.compression ?? 'none',
          keyFormat: formatOf(body.keyFormat, body.keySchema, body.keyMessage),
          valueFormat: formatOf(body.valueFormat, body.valueSchema, body.valueMessage),
        }),
      )
      if (!dryRun) reply.code(201)
      return { dryRun, records }
    },
  )

  app.delete(
    '/v1/topics/:topic/records',
    {
      config: { access: BY_COMMAND },
      schema: {
        summary: 'Delete records before an offset',
        description:
          'They do not come back. Of a partition all before `before`, or all that there are; of all partitions when none is named.',
        operationId: 'deleteRecords',
        tags: ['Records'],
        params,
        querystring: deleteQuery,
        response: {
          200: mutated('DeletedRecords', {
            partitions: Type.Array(
              closed({
                partition: Type.Integer(),
                logStartOffset: Type.Integer({ description: 'First offset that is there.' }),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const { partition, before = -1 } = request.query
      if (partition === undefined && before !== -1) {
        const detail = 'is missing: an offset is of one partition'
        throw new Problem('invalid-request', `partition ${detail}`, [
          { where: 'partition', detail },
        ])
      }
      const { topic } = request.params
      // Of a topic that is not there the command says so, and its record.
      const count = control.state.topics.get(topic)?.partitionCount ?? 1
      const all = Array.from({ length: count }, (_, index) => index)
      const commands = (partition === undefined ? all : [partition]).map(
        (one) => ({ kind: 'records.delete', topic, partition: one, offset: before }) as const,
      )
      const { outcomes, result } = await execute(control, request, commands)
      const partitions = outcomes.map(({ after }, index) => ({
        partition: commands[index]?.partition ?? 0,
        logStartOffset: present(after).logStartOffset,
      }))
      return { partitions, ...result }
    },
  )
}

function formatOf(
  format: (typeof FORMATS)[number] = 'auto',
  schema?: string,
  message?: string,
  framingKind?: (typeof FRAMINGS)[number],
) {
  const isFramed = format === 'avro' || format === 'protobuf'
  return { format, schema, message, framing: isFramed ? framingKind : undefined }
}

function startOf({ offset, time, tail }: Static<typeof browseQuery>): BrowseStart {
  const given = [offset, time, tail].filter((one) => one !== undefined)
  if (given.length > 1) {
    throw new Problem('invalid-request', 'give one of offset, time and tail')
  }
  if (offset !== undefined) return { kind: 'offset', offset }
  if (time !== undefined) return { kind: 'time', timeMs: Date.parse(time) }
  return { kind: tail === undefined ? 'earliest' : 'tail' }
}

/** Schemas and values are the caller's: when they do not fit, that is what is wrong. */
async function fitting<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof UnfitValue)) throw cause
    throw new Problem('undecodable-record', cause.message)
  }
}
