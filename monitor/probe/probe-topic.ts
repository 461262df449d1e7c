import type { AdminClient, Listener } from '../cluster/index.ts'
import { BrokerUnreachableError, reachableHost } from '../cluster/index.ts'
import type { KafkaEndpoint } from './kafka-link.ts'

/** Records of the probe are of no use a few minutes later. */
const CONFIGS = {
  'retention.ms': '600000',
  'segment.ms': '600000',
  'segment.bytes': '1048576',
}

/** Makes the topic of the probe where it is not there: a control operation like any other, with its record. */
export async function ensureProbeTopic(admin: AdminClient, name: string): Promise<void> {
  if ((await admin.get(`/v1/topics/${encodeURIComponent(name)}`)) !== null) return
  const { status, body } = await admin.change(
    { method: 'POST', path: '/v1/topics', body: { name, partitions: 1, configs: CONFIGS } },
    { dryRun: false, reason: "the monitor's probe needs a topic of its own", authorization: null },
  )
  // Another monitor may have made it at the same time.
  if (status >= 300 && status !== 409)
    throw new BrokerUnreachableError(`the topic ${name} cannot be made: ${JSON.stringify(body)}`)
}

export type ProbeLogin = KafkaEndpoint['login']

/** The listener that the probe comes in by: one without a login first, one that it has a login for else. */
export async function findProbeEndpoint(
  admin: AdminClient,
  login: ProbeLogin,
): Promise<KafkaEndpoint> {
  const listeners = await admin.list<Listener>('/v1/listeners', 'listeners')
  const usable = (protocol: string) => listeners.find((one) => one.protocol === protocol)
  const open = usable('PLAINTEXT') ?? usable('SSL')
  const closed = usable('SASL_SSL') ?? usable('SASL_PLAINTEXT')
  const chosen = login === null ? open : (closed ?? open)
  if (chosen === undefined)
    throw new BrokerUnreachableError('no listener lets the probe in: set monitor-probe-user')
  return {
    address: authority(chosen.host, chosen.port),
    isTls: chosen.protocol.endsWith('SSL'),
    login: chosen.protocol.startsWith('SASL') ? login : null,
  }
}

function authority(host: string, port: number): string {
  const reached = reachableHost(host)
  return reached.includes(':') ? `[${reached}]:${port}` : `${reached}:${port}`
}
