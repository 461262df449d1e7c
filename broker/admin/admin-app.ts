import { fastify } from 'fastify'
import { refuseForeignHosts } from './access/asked-host.ts'
import type { AuthenticationOptions } from './access/authentication.ts'
import { authenticate } from './access/authentication.ts'
import { authorize } from './access/authorization.ts'
import type { AdminServices } from './admin-services.ts'
import { auditRoutes } from './audit-routes.ts'
import type { AdminApp, AdminPlugin } from './http/admin-plugin.ts'
import { handleFaults } from './http/faults.ts'
import { MAX_HEADER_BYTES } from './http/http-server.ts'
import { observeMalformedAttempt } from './http/malformed-attempts.ts'
import { describeRoutes } from './http/openapi.ts'
import { RouteTable } from './http/route-table.ts'
import { validatorCompiler } from './http/validation.ts'
import { accountsRoutes } from './routes/accounts.ts'
import { aclsRoutes } from './routes/acls.ts'
import { backupsRoutes } from './routes/backups.ts'
import { clientMetricsRoutes } from './routes/client-metrics.ts'
import { clusterRoutes } from './routes/cluster.ts'
import { configsRoutes } from './routes/configs.ts'
import { connectionsRoutes } from './routes/connections.ts'
import { contactPointsRoutes } from './routes/contact-points.ts'
import { diskRoutes } from './routes/disk.ts'
import { eventsRoutes } from './routes/events.ts'
import { groupsRoutes } from './routes/groups.ts'
import { healthRoutes } from './routes/health.ts'
import { listenersRoutes } from './routes/listeners.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { monitorRoutes } from './routes/monitor.ts'
import { notificationPolicyRoutes } from './routes/notification-policy.ts'
import { quotasRoutes } from './routes/quotas.ts'
import { recordsRoutes } from './routes/records.ts'
import { rolesRoutes } from './routes/roles.ts'
import { rulesRoutes } from './routes/rules.ts'
import { sessionRoutes } from './routes/session.ts'
import { tokensRoutes } from './routes/tokens.ts'
import { topicRoutes } from './routes/topic.ts'
import { topicsRoutes } from './routes/topics.ts'
import { usersRoutes } from './routes/users.ts'

/** Every route of the admin port; one file each. */
const plugins: readonly AdminPlugin[] = [
  healthRoutes,
  metricsRoutes,
  clusterRoutes,
  topicsRoutes,
  topicRoutes,
  recordsRoutes,
  groupsRoutes,
  configsRoutes,
  listenersRoutes,
  connectionsRoutes,
  eventsRoutes,
  diskRoutes,
  quotasRoutes,
  clientMetricsRoutes,
  usersRoutes,
  aclsRoutes,
  accountsRoutes,
  rolesRoutes,
  tokensRoutes,
  sessionRoutes,
  auditRoutes,
  backupsRoutes,
  rulesRoutes,
  contactPointsRoutes,
  notificationPolicyRoutes,
  monitorRoutes,
]

/** Largest request body, but for routes that say otherwise. */
const BODY_LIMIT_BYTES = 256 * 1024

export interface AdminAppOptions {
  readonly authentication: AuthenticationOptions
  /** Names by which the port may be asked for on this machine; null where TLS has looked at them. */
  readonly hostnames: readonly string[] | null
}

/** What the admin port serves, and to whom; without a socket. */
export async function createAdminApp(
  services: AdminServices,
  { authentication, hostnames }: AdminAppOptions,
): Promise<AdminApp> {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // How long names may be is for their schemas to say.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
  }) as AdminApp
  app.setValidatorCompiler(validatorCompiler)
  acceptEmptyBodies(app)
  // Answers are made from the types of their schemas, and tests hold them to it.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  const routes = new RouteTable(app)
  if (hostnames) refuseForeignHosts(app, hostnames)
  authenticate(app, authentication)
  authorize(app, services.authorizer, services.broker.control)
  const { control, logger } = services.broker
  handleFaults(app, routes, logger, (request, status) =>
    observeMalformedAttempt(control, request, status),
  )
  await describeRoutes(app)
  for (const plugin of plugins) plugin(app, services)
  return app
}

/** No body is an empty one, whatever its type is said to be: what it lacks can be named. */
function acceptEmptyBodies(app: AdminApp): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else parse(request, String(body), done)
  })
  app.addHook('preValidation', async (request) => {
    request.body ??= {}
  })
}
