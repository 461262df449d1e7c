export { type Access, fullAccess } from './access/access.ts'
export { AccessControl, type AccessSettings, type DenialCount } from './access/access-control.ts'
export { builtInRoles } from './access/built-in-roles.ts'
export { ANONYMOUS, type Identity, userPrincipal } from './identity.ts'
export { exposedListeners } from './listener-exposure.ts'
export {
  DEFAULT_LISTENER,
  type Endpoint,
  type ListenerPlan,
  planListeners,
} from './listener-plan.ts'
export { type ListenerSecurity, PLAINTEXT } from './listener-security.ts'
export {
  type OpenListener,
  type OpenSecurity,
  type SecurityOptions,
  securityOpener,
} from './open-listeners.ts'
export { type Credentials, noCredentials, type TokenCredential } from './sasl/credentials.ts'
export { DecoyKeys } from './sasl/decoy-keys.ts'
export { OAuthBearerServer } from './sasl/oauth-bearer-server.ts'
export { type PlainOptions, PlainServer } from './sasl/plain-server.ts'
export {
  type HandshakeAnswer,
  type LoginFailure,
  SaslExchange,
  type SaslListener,
  type SaslTerms,
  type TokenAnswer,
} from './sasl/sasl-exchange.ts'
export {
  isSaslMechanism,
  SASL_MECHANISMS,
  type SaslMechanism,
  type SaslServer,
  type SaslStep,
} from './sasl/sasl-server.ts'
export {
  keysOfPassword,
  keysOfSaltedPassword,
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  type ScramKeys,
} from './sasl/scram-keys.ts'
export { type ScramOptions, ScramServer } from './sasl/scram-server.ts'
export { storedCredentials } from './sasl/stored-credentials.ts'
export { WorkQueue } from './sasl/work-queue.ts'
export {
  SECURITY_PROTOCOLS,
  type SecurityProtocol,
  usesSasl,
  usesTls,
} from './security-protocol.ts'
export { type PrincipalMapper, parsePrincipalRules } from './tls/principal-mapper.ts'
export {
  type ClientAuth,
  createTlsAcceptor,
  type HandshakeListener,
  type TlsAcceptor,
  type TlsMaterial,
  type TlsTerms,
} from './tls/tls-acceptor.ts'
