import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Disk } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'

const DIRECTORY = fileURLToPath(new URL('../../docs/runbooks/', import.meta.url))
const NAME = /^\w{1,100}$/

/** `/runbooks/NAME`: what to do about an alarm, as plain text. Open to all: it tells nothing of the cluster. */
export function addRunbooks(app: FastifyInstance, disk: Disk): void {
  app.get<{ Params: { name: string } }>('/runbooks/:name', async (request, reply) => {
    const { name } = request.params
    const text = NAME.test(name) ? await readWholeFile(disk, `${DIRECTORY}${name}.md`) : null
    if (text === null) {
      const detail = 'there is no runbook of this name'
      const problem = {
        type: 'about:blank',
        title: 'Not found',
        status: 404,
        code: 'not_found',
        detail,
      }
      return reply.status(404).type('application/problem+json').send(problem)
    }
    return reply.type('text/plain; charset=utf-8').send(text.toString())
  })
}
