import type { AuthenticationOptions } from './access/authentication.ts'
import type { AdminServices } from './admin-services.ts'

/** The openapi.json of the admin port without a broker behind it, for docs. */
export async function describeAdminApi(): Promise<object> {
  const { createAdminApp } = await import('./admin-app.ts')
  // Routes look into what they are given only when somebody asks.
  const app = await createAdminApp(nothing as AdminServices, {
    authentication: nothing as AuthenticationOptions,
    hostnames: null,
  })
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

/** Whatever is asked of it, it is nothing again. */
const nothing: unknown = new Proxy(() => nothing, {
  get: (_target, key) => (key === 'then' ? undefined : nothing),
})
