import type { ConfigRow } from '../../kit/index.ts'

const listeners = { status: 'active', shownBy: 'broker/security/listeners.test.ts' } as const
const login = { status: 'active', shownBy: 'broker/network/login.test.ts' } as const
const bearer = { status: 'active', shownBy: 'broker/security/sasl/oauth-bearer.test.ts' } as const
const access = {
  status: 'active',
  shownBy: 'broker/security/access/acl-authorizer.test.ts',
} as const

/** Where clients connect, and what they show before they are let in. */
const listenerConfigs = {
  listeners: {
    type: 'list',
    default: '',
    doc: "Where clients connect: `NAME://HOST:PORT`, several with different names, for instance `INTERNAL://127.0.0.1:9092,OUTSIDE://0.0.0.0:9093`. Default: one named PLAINTEXT at the process's host and kafka-port. PUT and DELETE of /v1/listeners change them while running, which holds after a restart, too.",
    ...listeners,
  },
  'advertised.listeners': {
    type: 'list',
    default: '',
    doc: 'What clients of a listener are told to connect to, as `NAME://HOST:PORT`. Default: where the listener listens.',
    ...listeners,
  },
  'listener.security.protocol.map': {
    type: 'list',
    default: 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    doc: 'How clients of each listener speak: `NAME:PROTOCOL` with PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
    ...listeners,
  },
  'glasslog.listener.max.connections': {
    type: 'int',
    default: '2147483647',
    min: 0,
    doc: 'How many connections one listener accepts at once. Set it for one listener: `listener.name.NAME.glasslog.listener.max.connections`.',
    ...listeners,
  },
  'glasslog.ssl.reload.interval.ms': {
    type: 'long',
    default: '10000',
    min: 100,
    doc: 'How often files of keys and certificates are read again. New ones hold for new connections; ones that are not usable are logged, and the old ones stay.',
    ...listeners,
  },
  'ssl.cipher.suites': {
    type: 'list',
    default: '',
    doc: "Cipher suites for TLS 1.2 by OpenSSL's names; empty for Node's choice.",
    ...listeners,
  },
  'ssl.client.auth': {
    type: 'string',
    default: 'none',
    oneOf: ['none', 'requested', 'required'],
    doc: 'Whether clients show a certificate. On an SSL listener its name is the principal; without one the principal is User:ANONYMOUS.',
    ...listeners,
  },
  'ssl.enabled.protocols': {
    type: 'list',
    default: 'TLSv1.2,TLSv1.3',
    oneOf: ['TLSv1.2', 'TLSv1.3'],
    minItems: 1,
    doc: 'Versions of TLS.',
    ...listeners,
  },
  'ssl.key.password': {
    type: 'string',
    default: null,
    secret: true,
    doc: 'Password of the private key, or of the PKCS12 file.',
    ...listeners,
  },
  'ssl.keystore.location': {
    type: 'string',
    default: null,
    doc: 'File with the private key and the certificate chain of the broker. A listener with TLS needs it.',
    ...listeners,
  },
  'ssl.keystore.type': {
    type: 'string',
    default: 'PEM',
    oneOf: ['PEM', 'PKCS12'],
    doc: 'Form of the key store. Java key stores (JKS) are not read; keytool converts them to PKCS12.',
    ...listeners,
  },
  'ssl.principal.mapping.rules': {
    type: 'string',
    default: 'DEFAULT',
    doc: "From the distinguished name of a client's certificate to its principal: rules `RULE:pattern/replacement/` with `L` or `U` behind for the case, and DEFAULT for the name as it is; the first that fits the whole name decides.",
    ...listeners,
  },
  'ssl.truststore.location': {
    type: 'string',
    default: null,
    doc: "PEM file with the certificates of those who sign clients' certificates. Needed where clients show one.",
    ...listeners,
  },
} as const satisfies Record<string, ConfigRow>

/** What holds until a client has logged in, and for how long it then has. */
const loginConfigs = {
  'sasl.enabled.mechanisms': {
    type: 'list',
    default: 'SCRAM-SHA-256,SCRAM-SHA-512',
    oneOf: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'],
    minItems: 1,
    doc: 'How clients of listeners with SASL log in. PLAIN checks passwords against the SCRAM credentials of users, and without TLS shows them to the network.',
    ...login,
  },
  'connection.failed.authentication.delay.ms': {
    type: 'int',
    default: '100',
    min: 0,
    doc: 'How long the answer to a failed login is held back (KIP-306).',
    ...login,
  },
  'connections.max.reauth.ms': {
    type: 'long',
    default: '0',
    min: 0,
    doc: 'Longest session of a client that logged in by SASL: it has to log in again on the same connection (KIP-368) or is cut off. 0 lets it last as long as its credentials are valid.',
    ...login,
  },
  'max.connections.per.ip.overrides': {
    type: 'list',
    default: '',
    dynamic: true,
    doc: 'Exceptions from max.connections.per.ip: `ADDRESS:COUNT`, for instance `127.0.0.1:1000,::1:1000`. An IPv6 address that has one is counted for itself.',
    status: 'active',
    shownBy: 'broker/network/connection-limits.test.ts',
  },
  'glasslog.login.timeout.ms': {
    type: 'long',
    default: '30000',
    min: 1,
    doc: 'How long TLS handshake and login of a connection may take together.',
    ...login,
  },
  'sasl.server.max.receive.size': {
    type: 'int',
    default: '524288',
    min: 1,
    doc: 'Largest request of a client that has not logged in yet.',
    ...login,
  },
} as const satisfies Record<string, ConfigRow>

/** What has to hold of an OAUTHBEARER token. */
const bearerConfigs = {
  'sasl.oauthbearer.jwks.endpoint.url': {
    type: 'string',
    default: null,
    doc: 'Where the public keys of tokens are (a JSON Web Key Set): an https or file URL, http for this machine alone. OAUTHBEARER needs it.',
    ...bearer,
  },
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': {
    type: 'long',
    default: '3600000',
    min: 1000,
    doc: 'How old keys from the network may get before they are fetched again. A token with an unknown key makes that happen at once, but not more than twice a minute.',
    ...bearer,
  },
  'sasl.oauthbearer.expected.issuer': {
    type: 'string',
    default: null,
    doc: 'The `iss` of tokens. OAUTHBEARER needs it.',
    ...bearer,
  },
  'sasl.oauthbearer.expected.audience': {
    type: 'list',
    default: '',
    doc: 'One of these must be in the `aud` of a token. OAUTHBEARER needs it.',
    ...bearer,
  },
  'glasslog.oauthbearer.algorithms': {
    type: 'list',
    default: 'RS256,PS256,ES256,EdDSA',
    oneOf: [
      ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
      ...['ES256', 'ES384', 'ES512', 'EdDSA'],
    ],
    minItems: 1,
    doc: 'Signature algorithms of tokens that are taken. There is none with a shared key.',
    ...bearer,
  },
  'sasl.oauthbearer.clock.skew.seconds': {
    type: 'int',
    default: '30',
    min: 0,
    max: 300,
    doc: 'How far the clock of who issues tokens may be off.',
    ...bearer,
  },
  'sasl.oauthbearer.sub.claim.name': {
    type: 'string',
    default: 'sub',
    doc: "The claim of a token that has the user's name.",
    ...bearer,
  },
} as const satisfies Record<string, ConfigRow>

/** Who may do what. */
const accessConfigs = {
  'glasslog.authorizer': {
    type: 'string',
    default: 'none',
    oneOf: ['none', 'acl'],
    doc: '`acl` lets through what ACLs and roles allow; `none` lets everybody do everything.',
    ...access,
  },
  'allow.everyone.if.no.acl.found': {
    type: 'boolean',
    default: 'false',
    doc: 'Whether a resource that no ACL is for is open to everybody.',
    ...access,
  },
  'super.users': {
    type: 'string',
    default: '',
    doc: 'Principals that may do everything, `User:alice;User:bob`.',
    ...access,
  },
} as const satisfies Record<string, ConfigRow>

/** Configurations that can be set for one listener: `listener.name.NAME.` before the name. */
export const LISTENER_CONFIGS: readonly string[] = [
  'glasslog.listener.max.connections',
  'connections.max.reauth.ms',
  'sasl.enabled.mechanisms',
  ...Object.keys(listenerConfigs).filter((name) => name.startsWith('ssl.')),
]

/** None of these can be changed by a request: they name files, addresses and who may do what. */
export const securityConfigs = {
  ...listenerConfigs,
  ...loginConfigs,
  ...bearerConfigs,
  ...accessConfigs,
}
