import type { FastifyInstance } from 'fastify'
import { addRoute, RequestFault } from '../cluster/index.ts'
import type { Inspector } from '../inspections/index.ts'
import type { Subject } from './cause.ts'
import { diagnose } from './diagnose.ts'

/** `GET /v1/diagnose?group=NAME`, `?topic=NAME` or `?disk`: ranked causes with what speaks for them. */
export function addDiagnoseApi(app: FastifyInstance, inspector: Inspector): void {
  addRoute(app, 'GET', '/v1/diagnose', async ({ query }) => {
    const subject = subjectOf(query)
    const diagnosis = diagnose(subject, await inspector.look())
    if (!diagnosis.isKnown && subject.kind !== 'disk')
      throw new RequestFault('not-found', `there is no ${subject.kind} ${subject.name}`)
    const { subject: about, causes } = diagnosis
    return { subject: about, causes }
  })
}

function subjectOf(query: Readonly<Record<string, string | undefined>>): Subject {
  const asked = Object.keys(query)
  const { group, topic } = query
  if (asked.length === 1 && group) return { kind: 'group', name: group }
  if (asked.length === 1 && topic) return { kind: 'topic', name: topic }
  if (asked.length === 1 && 'disk' in query) return { kind: 'disk' }
  throw new RequestFault('invalid-request', 'ask for one of group=NAME, topic=NAME or disk')
}
