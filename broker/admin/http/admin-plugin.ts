import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { AdminServices } from '../admin-services.ts'

/** The fastify instance of the admin port; requests have the types that their schemas say. */
export type AdminApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Some routes: each file of `routes/` exports one. */
export type AdminPlugin = (app: AdminApp, services: AdminServices) => void
