export { loadRootToken } from './access/root-token.ts'
export {
  type AdminServer,
  type AdminServerOptions,
  createAdminDoor,
  startAdminServer,
} from './admin-server.ts'
export type { GivenServices } from './admin-services.ts'
export { describeAdminApi } from './api-description.ts'
export type { AdminApp } from './http/admin-plugin.ts'
export { listProblems } from './http/problem-list.ts'
