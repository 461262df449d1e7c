export { isLoopback } from './access/authentication.ts'
export { loadRootToken } from './access/root-token.ts'
export { type AdminServer, type AdminServerOptions, startAdminServer } from './admin-server.ts'
