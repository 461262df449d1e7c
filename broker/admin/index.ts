export { type AdminServer, type AdminServerOptions, startAdminServer } from './admin-server.ts'
export { isLoopback } from './authentication.ts'
export { loadRootToken } from './root-token.ts'
