import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { JsonObject, Resource } from '../../../audit/index.ts'
import type {
  Actor,
  ContactPoint,
  ControlPlane,
  DiskPolicy,
  ReportedOperations,
  RuleGroup,
} from '../../control/index.ts'
import { DEFAULT_DISK_POLICY, REPORT_BOUNDS, reportedKinds } from '../../control/index.ts'
import { isFromLoopback } from '../access/authentication.ts'
import { actorOf } from '../access/caller.ts'
import { ROOT_TOKEN_ONLY } from '../access/route-access.ts'
import type { AdminPlugin } from '../http/admin-plugin.ts'
import { kafkaProblem } from '../http/kafka-problems.ts'
import { Problem, Refusal } from '../http/problem.ts'
import { closed, nullable, oneOf, time, wholeNumber } from '../http/schema.ts'

const tags = ['Monitor']

const anyObject = Type.Object({}, { additionalProperties: true })
const documentOrNull = (description: string) =>
  Type.Unsafe<JsonObject | null>({ anyOf: [anyObject, { type: 'null' }], description })

const configurationSchema = closed(
  {
    seq: Type.Integer({
      description: 'Last record about any of it that there still is; -1 for none.',
    }),
    ruleGroups: Type.Array(Type.Unsafe<RuleGroup>(anyObject)),
    contactPoints: Type.Array(
      closed({
        name: Type.String(),
        settings: Type.Unsafe<JsonObject>(anyObject),
        secrets: Type.Record(Type.String(), Type.String(), {
          description: 'The secrets themselves: keep them in memory only.',
        }),
      }),
    ),
    notificationPolicy: documentOrNull('Null when nobody set one.'),
    diskPolicy: Type.Unsafe<DiskPolicy>(anyObject),
  },
  { title: 'MonitorConfiguration' },
)

const outbox = Type.String({
  pattern: REPORT_BOUNDS.outbox.source,
  description: 'Random, of the store that the monitor keeps reports in until they are taken.',
})

const report = closed(
  {
    position: Type.Integer({
      ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      description: 'Rising in the outbox: what is not above the last one is known already.',
    }),
    operation: oneOf(reportedKinds),
    resource: Type.String({
      ...{ minLength: 1, maxLength: REPORT_BOUNDS.nameLength },
      description: 'Id of the silence, ticket, finding and so on.',
    }),
    occurredAt: time('When it happened.'),
    onBehalfOf: Type.Optional(
      Type.String({
        ...{ minLength: 1, maxLength: 300 },
        description: 'Who did it, such as User:alice; the monitor itself when left out.',
      }),
    ),
    ip: Type.Optional(
      Type.String({
        ...{ maxLength: 64, pattern: '^[0-9a-fA-F:.]+$' },
        description: 'From where that was asked of the monitor.',
      }),
    ),
    before: documentOrNull('What it was, without secrets.'),
    after: documentOrNull('What it is.'),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    causes: Type.Optional(
      Type.Array(wholeNumber('Number of a record that led to it.'), { maxItems: 100 }),
    ),
  },
  { title: 'MonitorReport' },
)

const resultSchema = closed(
  {
    position: Type.Integer(),
    status: oneOf(['recorded', 'known', 'refused'], {
      description: 'What is refused would be refused for ever: drop it, and say so.',
    }),
    seq: nullable(Type.Integer({ description: 'Number of its record.' })),
    message: nullable(Type.String({ description: 'Why it was refused.' })),
  },
  { title: 'MonitorReportResult' },
)

/** Reports of one request, and bytes of them. */
const MAX_REPORTS = 100
const MAX_REPORTS_BYTES = 4 * 1024 * 1024

const note =
  'For the monitor beside the broker, which has the token in `root.token`; no other token of the root account will do.'

/** `/v1/monitor`: what the monitor goes by, and what it did itself. */
export const monitorRoutes: AdminPlugin = (app, { broker, lastSeqOf }) => {
  const { control } = broker

  app.get(
    '/v1/monitor/configuration',
    {
      config: { access: ROOT_TOKEN_ONLY },
      schema: {
        ...{ summary: 'Everything that the monitor goes by', tags },
        description: `${note} It has secrets in it, so it is sent over loopback or TLS only. With If-None-Match it is 304 as long as nothing changed.`,
        operationId: 'getMonitorConfiguration',
        headers: Type.Object({ 'if-none-match': Type.Optional(Type.String({ maxLength: 100 })) }),
        response: {
          200: configurationSchema,
          304: Type.Null({ description: 'Nothing was changed.' }),
        },
      },
    },
    async (request, reply) => {
      if (!isConfidential(request)) {
        throw new Problem('forbidden', 'secrets are sent over loopback or TLS only')
      }
      const { seqs, seq } = documentsOf(control, lastSeqOf)
      const tag = `"${createHash('sha256').update(seqs).digest('base64url')}"`
      reply.header('etag', tag)
      if (request.headers['if-none-match'] === tag) return reply.code(304).send(null)
      observeSecretsRead(control, request)
      const { ruleGroups, contactPoints, notificationPolicy, diskPolicy } = control.state
      return {
        seq,
        ruleGroups: [...ruleGroups.values()],
        contactPoints: [...contactPoints.values()].map((one) => withSecrets(one, control)),
        notificationPolicy,
        diskPolicy: diskPolicy ?? DEFAULT_DISK_POLICY,
      }
    },
  )

  app.post(
    '/v1/monitor/operations',
    {
      bodyLimit: MAX_REPORTS_BYTES,
      config: { access: ROOT_TOKEN_ONLY },
      schema: {
        ...{ summary: 'Hand in what the monitor did itself', tags },
        description: `${note} Each becomes one record, once, however often it is handed in.`,
        operationId: 'reportOperations',
        body: closed(
          { outbox, operations: Type.Array(report, { minItems: 1, maxItems: MAX_REPORTS }) },
          { title: 'MonitorReports' },
        ),
        response: {
          200: closed(
            {
              outbox: Type.String(),
              results: Type.Array(resultSchema),
              lastPosition: wholeNumber('Of the outbox, that the history has.'),
            },
            { title: 'MonitorReportResults' },
          ),
        },
      },
    },
    async (request) => {
      const { outbox: from, operations } = request.body
      const results = []
      for (const one of operations) results.push(await takeReport(control, request, from, one))
      return { outbox: from, results, lastPosition: control.state.outboxes.get(from) ?? 0 }
    },
  )

  app.get(
    '/v1/monitor/outboxes/:outbox',
    {
      config: { access: ROOT_TOKEN_ONLY },
      schema: {
        ...{
          summary: 'How far the reports of an outbox have come',
          operationId: 'getOutbox',
          tags,
        },
        description: note,
        params: Type.Object({ outbox }),
        response: {
          200: closed(
            { outbox: Type.String(), lastPosition: wholeNumber('0 when none was handed in.') },
            { title: 'MonitorOutbox' },
          ),
        },
      },
    },
    async ({ params }) => ({
      outbox: params.outbox,
      lastPosition: control.state.outboxes.get(params.outbox) ?? 0,
    }),
  )
}

type Report = Static<typeof report>

/** Answers what became of one report. Throws a Problem when it cannot be taken now: it comes again. */
async function takeReport(
  control: ControlPlane,
  request: FastifyRequest,
  from: string,
  { position, operation, resource, occurredAt, before, after, reason, causes, ...who }: Report,
): Promise<Static<typeof resultSchema>> {
  const known = { position, status: 'known', seq: null, message: null } as const
  if (position <= (control.state.outboxes.get(from) ?? 0)) return known
  // The kinds differ in nothing but their names, which a union cannot say.
  const command = {
    ...{ kind: operation, name: resource, outbox: from, position },
    ...{ from: before, to: after },
  } as ReportedOperations
  const note = { ...(reason ? { reason } : {}), ...(causes ? { causes } : {}) }
  const [outcome] = await control.execute([command], reporterOf(request, who), {
    occurredAtMs: Date.parse(occurredAt),
    notes: [note],
  })
  if (!outcome) throw new Error('a command without an outcome')
  const { error, message, seq } = outcome
  if (error === 'NONE') return { position, status: 'recorded', seq, message: null }
  // Somebody handed it in at the same time.
  if (error === 'DUPLICATE_RESOURCE') return known
  const problem = kafkaProblem(error)
  if (problem.status >= 500) throw new Refusal(problem, message ?? problem.title)
  return { position, status: 'refused', seq: seq < 0 ? null : seq, message }
}

/** Where the console asks from, as records name it. */
const CONSOLE_LISTENER = 'CONSOLE'

/** The monitor, for whoever asked it; from where that was asked when it says so. */
function reporterOf(
  request: FastifyRequest,
  { onBehalfOf, ip }: Pick<Report, 'onBehalfOf' | 'ip'>,
): Actor {
  const monitor = actorOf(request)
  const source = ip === undefined ? monitor.source : { ip, listener: CONSOLE_LISTENER }
  return { ...monitor, source, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) }
}

/** Whether nobody on the way can read the answer. */
function isConfidential(request: FastifyRequest): boolean {
  return isFromLoopback(request) || request.raw.socket instanceof TLSSocket
}

/** Which records all of it is of: what these are changes with every change. */
function documentsOf(
  { state }: ControlPlane,
  lastSeqOf: (resource: Resource) => number | undefined,
): { readonly seqs: string; readonly seq: number } {
  const resources = [
    ...[...state.ruleGroups.keys()].map((name) => ({ kind: 'rule-group', name })),
    ...[...state.contactPoints.keys()].map((name) => ({ kind: 'contact-point', name })),
    { kind: 'notification-policy', name: 'notification-policy' },
    { kind: 'disk-policy', name: 'disk-policy' },
  ]
  const seqs = resources.map((resource) => lastSeqOf({ ...resource, id: null }) ?? -1)
  return { seqs: seqs.sort((one, other) => one - other).join(), seq: Math.max(...seqs) }
}

function withSecrets({ name, settings, secrets }: ContactPoint, control: ControlPlane) {
  const values = Object.entries(secrets).flatMap(([called, { secretId }]) => {
    const secret = control.secrets.get(secretId)
    return secret ? [[called, Buffer.from(secret).toString('utf8')] as const] : []
  })
  return { name, settings, secrets: Object.fromEntries(values) }
}

/** Who gets secrets is in the history; so often as it is asked, in one record a minute. */
function observeSecretsRead(control: ControlPlane, request: FastifyRequest): void {
  const points = [...control.state.contactPoints.values()]
  const names = points.filter(({ secrets }) => Object.keys(secrets).length > 0)
  if (names.length === 0) return
  control.observe({
    operation: 'contact-point.secrets.read',
    actor: actorOf(request),
    resource: { kind: 'contact-point-secrets', name: 'monitor', id: null },
    decision: { allowed: true, rule: 'root-token' },
    outcome: { code: 'NONE', message: null },
    request: { contactPoints: names.map(({ name }) => name) },
  })
}
