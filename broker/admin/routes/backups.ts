import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { BackupEnd } from '../../backup/index.ts'
import { UnknownBackupError } from '../../backup/index.ts'
import type { CreateBackup, Outcome } from '../../control/index.ts'
import { BackupError } from '../../log/index.ts'
import { actorOf } from '../access/caller.ts'
import { BY_COMMAND, onCluster } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { mutationQuery, mutationResult } from '../http/mutation.ts'
import { Problem, Refusal } from '../http/problem.ts'
import { closed, name, nullable, time, wholeNumber } from '../http/schema.ts'

/** Bytes of a file that one answer carries at most. */
const MAX_PIECE_BYTES = 4 * 1024 * 1024

const tags = ['Backups']
const params = Type.Object({ backup: name('Id of the backup that is being made.') })

const file = closed(
  {
    path: Type.String({ description: 'Below the data directory.' }),
    sizeBytes: wholeNumber('How much of the file belongs to the backup.'),
  },
  { title: 'BackupFile' },
)

const cutSchema = closed(
  {
    id: Type.String(),
    createdAt: time('The moment that all of it is of.'),
    journal: Type.Array(file, {
      description: 'Copy these first, and say so: the broker wants them back for new records.',
    }),
    small: Type.Array(file),
    segments: Type.Array(file),
    keys: Type.Array(file, {
      description: 'Always empty: keys do not leave the machine this way.',
    }),
    journalSequence: wholeNumber('Last frame of the journal that belongs to it.'),
    logs: Type.Array(
      closed(
        {
          topicId: Type.String(),
          partition: wholeNumber('Number of the partition.'),
          topicName: Type.String(),
          endOffset: wholeNumber('Where it ended at that moment.'),
        },
        { title: 'BackupLog' },
      ),
    ),
  },
  { title: 'BackupCut' },
)

const begun = closed(
  {
    dryRun: Type.Boolean({ description: 'True when nothing was begun.' }),
    seq: nullable(Type.Integer({ description: 'Number of the record that it was begun.' })),
    cut: Type.Unsafe<object | null>({ anyOf: [cutSchema, { type: 'null' }] }),
  },
  { title: 'BegunBackup' },
)

const endBody = closed(
  {
    content: Type.Optional(
      closed(
        {
          files: wholeNumber('How many there are.'),
          sizeBytes: wholeNumber('Of all of them.'),
          historySize: wholeNumber('Records of the history in it.'),
          manifest: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in hex.' }),
        },
        { title: 'BackupContent' },
      ),
    ),
    failure: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1024, description: 'Why there is none.' }),
    ),
  },
  { title: 'BackupEnd' },
)

/** `/v1/backups`: a moment of all data, held for whoever copies it. `glasslog backup` is the client. */
export const backupsRoutes: AdminPlugin = (app, { backups }) => {
  app.post(
    '/v1/backups',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'Begin a backup', operationId: 'beginBackup', tags },
        description:
          'Answers what to copy. The files are held until the end of it, and given up when nothing is asked of it for a minute, or when the broker needs the space.',
        querystring: mutationQuery,
        response: { 200: begun, 201: begun },
      },
    },
    async (request, reply) => {
      const { dryRun = false, reason } = request.query
      const { outcome, cut } = await asked(() =>
        backups.begin(actorOf(request), { validateOnly: dryRun, reason }),
      )
      refuse(outcome)
      if (cut !== null) reply.code(201)
      return { dryRun, seq: dryRun ? null : outcome.seq, cut }
    },
  )

  app.get(
    '/v1/backups/:backup/content',
    {
      config: { access: onCluster('ALTER') },
      schema: {
        ...{ summary: 'Bytes of a file of the backup', operationId: 'readBackup', tags },
        description: 'For the account that began it.',
        params,
        querystring: closed({
          path: name('The file, as the backup names it.'),
          position: Type.Optional(wholeNumber('Where to begin; 0 when left out.')),
          length: Type.Integer({ minimum: 1, maximum: MAX_PIECE_BYTES }),
        }),
        produces: ['application/octet-stream'],
        response: { 200: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }) },
      },
    },
    async (request, reply) => {
      const { path, position = 0, length } = request.query
      const id = request.params.backup
      const bytes = await asked(async () => {
        backups.requireBegunBy(id, actorOf(request))
        return backups.read(id, path, position, length)
      })
      reply.type('application/octet-stream').header('content-length', bytes.length)
      return reply.send(Readable.from([bytes], { objectMode: false }))
    },
  )

  app.post(
    '/v1/backups/:backup/progress',
    {
      config: { access: onCluster('ALTER') },
      schema: {
        ...{ summary: 'Say that the copy goes on', operationId: 'continueBackup', tags },
        description: 'For the account that began it.',
        params,
        querystring: closed({}),
        body: closed({
          isJournalCopied: Type.Boolean({ description: 'The files of the journal may be used.' }),
        }),
        response: { 200: closed({}) },
      },
    },
    async (request) => {
      const id = request.params.backup
      await asked(async () => {
        backups.requireBegunBy(id, actorOf(request))
        backups.keepAlive(id, request.body.isJournalCopied)
      })
      return {}
    },
  )

  app.post(
    '/v1/backups/:backup/end',
    {
      config: { access: BY_COMMAND },
      schema: {
        ...{ summary: 'End a backup', operationId: 'endBackup', tags },
        description: 'With what it holds when it is complete, with the reason when it failed.',
        params,
        querystring: mutationQuery,
        body: endBody,
        response: { 200: mutationResult },
      },
    },
    async (request) => {
      const { dryRun = false, reason } = request.query
      const { content, failure } = request.body
      if ((content === undefined) === (failure === undefined)) {
        throw new Problem('invalid-request', 'say either content or failure')
      }
      const end: BackupEnd = content === undefined ? { failure: failure ?? '' } : { content }
      const outcome = await backups.end(request.params.backup, actorOf(request), end, {
        validateOnly: dryRun,
        ...(reason === undefined ? {} : { reason }),
      })
      refuse(outcome)
      return { dryRun, seq: dryRun ? null : outcome.seq }
    },
  )
}

function refuse({ error, message }: Outcome<CreateBackup>): void {
  if (error !== 'NONE') throw new Refusal(kafkaProblem(error), message ?? 'it was refused')
}

async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UnknownBackupError) throw new Problem('not-found', error.message)
    if (error instanceof BackupError) throw new Problem('conflict', error.message)
    throw error
  }
}
