import type { FastifyInstance } from 'fastify'
import { addRoute, pageOf, RequestFault } from '../cluster/index.ts'
import type { LagTracker } from './lag-tracker.ts'

/**
 * `GET /v1/lag`: every group, the one that is most behind first; `?group=` one of them, `?status=` those with it.
 * `GET /v1/lag/{group}`: one group with its partitions.
 */
export function addLagApi(app: FastifyInstance, tracker: LagTracker): void {
  addRoute(app, 'GET', '/v1/lag', async ({ query }) => {
    const { group, status, topic } = query
    const found = tracker
      .all()
      .filter((one) => group === undefined || one.group === group)
      .filter((one) => status === undefined || one.status === status || one.worst === status)
      .filter((one) => topic === undefined || one.partitions.some((at) => at.topic === topic))
    // Who asks for one by name learns that there is none, in Burrow's word for it.
    if (group !== undefined && found.length === 0)
      return { groups: [{ group, status: 'NOTFOUND', partitions: [] }], next: null }
    return pageOf('groups', found, query)
  })
  addRoute(app, 'GET', '/v1/lag/:group', async ({ params }) => {
    const found = tracker.get(params.group ?? '')
    if (found === null) throw new RequestFault('not-found', `there is no group ${params.group}`)
    return found
  })
}
