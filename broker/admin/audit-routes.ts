import { HistoryQueryError, parseHistoryQuery, queryHistory } from '../../audit/index.ts'
import { onTopic } from './access/route-access.ts'
import type { AdminPlugin } from './http/admin-plugin.ts'
import { Problem } from './http/problem.ts'

type Parameters = Readonly<Record<string, string | string[] | undefined>>

/** `/v1/audit`: the records that match a query, page by page; `/v1/audit/{seq}`: one record. */
export const auditRoutes: AdminPlugin = (app, { broker }) => {
  const { history } = broker.control
  const config = { access: onTopic('READ', '__audit') }

  app.get<{ Querystring: Parameters }>('/v1/audit', { config }, async (request) => {
    try {
      return await queryHistory(history, parseHistoryQuery(single(request.query)))
    } catch (error) {
      if (!(error instanceof HistoryQueryError)) throw error
      throw new Problem('invalid-request', error.message)
    }
  })

  app.get<{ Params: { seq: string } }>('/v1/audit/:seq', { config }, async (request) => {
    const { seq } = request.params
    if (!/^\d{1,15}$/.test(seq)) throw new Problem('invalid-request', 'SEQ is a whole number')
    const entry =
      Number(seq) < history.nextSeq ? (await history.read(Number(seq), 1))[0] : undefined
    if (!entry) throw new Problem('not-found', `the history ends before record ${seq}`)
    return entry.record
  })
}

/** A parameter that is given twice has no meaning here. */
function single(query: Parameters): Record<string, string | undefined> {
  const entries = Object.entries(query).map(([name, value]) => {
    if (typeof value !== 'object') return [name, value] as const
    throw new Problem('invalid-request', `${name} is given more than once`)
  })
  return Object.fromEntries(entries)
}
