import { defineConfigTable } from '../kit/index.ts'

/**
 * What an operator sets for the process as a whole, by flag, environment or file. Kafka's own broker
 * configs have a table of their own and are given under `broker:` in the file or by `--override`.
 */
export const processConfig = defineConfigTable({
  'data-dir': {
    type: 'string',
    default: './data',
    doc: 'Directory that holds everything durable. Created when missing; used by one process at a time.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  host: {
    type: 'string',
    default: '127.0.0.1',
    doc: 'Address to listen on. One that is not loopback also needs `insecure: true`, because the admin API there has no TLS.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'kafka-port': {
    type: 'int',
    default: '9092',
    min: 0,
    max: 65_535,
    doc: 'Port of the Kafka protocol; 0 takes any free port.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'admin-port': {
    type: 'int',
    default: '9644',
    min: 0,
    max: 65_535,
    doc: 'Port of the admin API and /metrics; 0 takes any free port.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'console-port': {
    type: 'int',
    default: '8080',
    min: 0,
    max: 65_535,
    doc: 'Reserved for the web console, which this release does not have: accepted, nothing listens there.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'advertised-host': {
    type: 'string',
    default: null,
    doc: 'Host name or address that clients are told to connect to. Default: the address listened on, or with `host: 0.0.0.0` the one that the client came by.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'advertised-port': {
    type: 'int',
    default: null,
    min: 1,
    max: 65_535,
    doc: 'Port that clients are told to connect to. Default: the port listened on.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  rack: {
    type: 'string',
    default: null,
    doc: 'Rack or availability zone of this broker, as Metadata shows it (broker.rack).',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'secrets-key': {
    type: 'string',
    default: null,
    secret: true,
    doc: 'Key that passwords and tokens are encrypted with: 32 bytes in base64, best given as GLASSLOG_SECRETS_KEY. Default: one is made and kept in `<data-dir>/secrets.key`. Without it a backup of the data is of no use to log in.',
    status: 'active',
    shownBy: 'broker/control/secrets/secret-store.test.ts',
  },
  insecure: {
    type: 'boolean',
    default: 'false',
    doc: 'Allows listening on an address that is not loopback without TLS and a login.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
  'log-level': {
    type: 'string',
    default: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    doc: 'Least severity of the JSON lines on standard error.',
    status: 'active',
    shownBy: 'test/e2e/command.test.ts',
  },
})

export type ProcessConfig = ReturnType<typeof processConfig.parse>
