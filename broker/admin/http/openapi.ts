import fastifySwagger from '@fastify/swagger'
import { Type } from 'typebox'
import { SIGNED_IN } from '../access/route-access.ts'
import type { AdminApp } from './admin-plugin.ts'
import { namedSchemas } from './named-schemas.ts'
import { PROBLEM_MEDIA_TYPE } from './problem.ts'
import { closed } from './schema.ts'

/** A problem document, as every failure answers it. */
const problemSchema = closed(
  {
    type: Type.String({ description: 'Always about:blank: the code says what kind it is.' }),
    title: Type.String({ description: 'The same for the same code.' }),
    status: Type.Integer({ description: 'The status of the answer.' }),
    detail: Type.String({ description: 'What is wrong this time.' }),
    code: Type.String({ description: 'Stable, for programs: see docs/errors.md.' }),
    errors: Type.Optional(
      Type.Array(
        closed({
          where: Type.String({
            description: 'The parameter, or `body` and a JSON pointer into it (RFC 6901).',
          }),
          detail: Type.String(),
        }),
        { description: 'The parts of the request that are wrong.' },
      ),
    ),
  },
  { title: 'Problem', description: 'RFC 9457.' },
)

const everyFailure = {
  description: 'What went wrong.',
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
}

const DESCRIPTION = `Administers a Glasslog broker. Every change is the same operation as through
Kafka's own admin APIs: it is decided by the same rules and leaves the same record in the history.

Lists page by \`limit\` and \`cursor\`. Every mutation takes \`?dryRun=true\`, and \`If-Match\` with the
ETag of what it changes. Failures are problem documents (RFC 9457) with a stable \`code\`.`

/** Describes in OpenAPI 3.1 the routes that are added to `app` from now on, at `/openapi.json`. */
export async function describeRoutes(app: AdminApp): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Glasslog admin API', version: 'v1', description: DESCRIPTION },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token of an account.' },
          basic: {
            type: 'http',
            scheme: 'basic',
            description: 'The same token as the password, for tools that know nothing else.',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'glasslog-session' },
        },
      },
      security: [{ token: [] }, { basic: [] }, { session: [] }],
    },
    transform: ({ schema, url, route }) => {
      const isOpen = route.config?.access?.kind === 'open'
      const response = { ...(schema?.response as object | undefined), default: everyFailure }
      return { schema: { ...schema, response, ...(isOpen ? { security: [] } : {}) }, url }
    },
    transformObject: (documents) =>
      'openapiObject' in documents
        ? namedSchemas(documents.openapiObject)
        : documents.swaggerObject,
  })
  app.get(
    '/openapi.json',
    {
      config: { access: SIGNED_IN },
      schema: {
        summary: 'This description',
        operationId: 'openapi',
        tags: ['Cluster'],
        response: { 200: Type.Object({}, { additionalProperties: true }) },
      },
    },
    async () => app.swagger(),
  )
}
