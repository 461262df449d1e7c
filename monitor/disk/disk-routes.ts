import type { FastifyInstance } from 'fastify'
import { addRoute, RequestFault } from '../cluster/index.ts'
import { diskJson } from './disk-json.ts'
import type { DiskKeeper } from './disk-keeper.ts'

const DEFAULT_ACTIONS = 20
const MAX_ACTIONS = 100

/** `GET /v1/disk`: usage, forecast, policy, and what was done; `limit` is how many actions. */
export function addDiskRoutes(app: FastifyInstance, keeper: DiskKeeper): void {
  addRoute(app, 'GET', '/v1/disk', async ({ query }) => {
    const limit = query.limit === undefined ? DEFAULT_ACTIONS : Number(query.limit)
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ACTIONS)
      throw new RequestFault(
        'invalid-request',
        `limit must be a whole number from 1 to ${MAX_ACTIONS}`,
      )
    return diskJson(keeper, limit)
  })
}
