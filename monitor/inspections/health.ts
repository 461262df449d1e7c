import { brokerNumber, onlyValue } from '../cluster/index.ts'
import type { InspectedCluster } from './check.ts'
import { usedRatio } from './disk-usage.ts'

/** As CKafka tells it: at most 80 % of what there is, up to 95 %, beyond. */
export type HealthState = 'Healthy' | 'Alarm' | 'Abnormal'

export interface HealthIndicator {
  readonly name: 'connections' | 'disk' | 'produce-bandwidth' | 'consume-bandwidth'
  /** Share of the limit that is in use; null where there is no limit to compare with. */
  readonly usedRatio: number | null
  readonly state: HealthState
}

export interface Health {
  readonly state: HealthState
  readonly message: string
  readonly indicators: readonly HealthIndicator[]
}

/** From here on Alarm, and from there Abnormal. Traffic may reach all of what the machine is meant for. */
const BANDS = { full: [0.8, 0.95], traffic: [0.8, 1] } as const
const WORST: readonly HealthState[] = ['Healthy', 'Alarm', 'Abnormal']
const MAX_MESSAGE_LENGTH = 256
/** What `max.connections` is when nobody has set it: no limit. */
const NO_LIMIT = 2_147_483_647

export function bandOf(usedRatio: number, band: keyof typeof BANDS): HealthState {
  const [alarm, abnormal] = BANDS[band]
  if (usedRatio > abnormal) return 'Abnormal'
  return usedRatio > alarm ? 'Alarm' : 'Healthy'
}

export function healthOf(cluster: InspectedCluster): Health {
  const { settings, readings } = cluster
  const indicators: HealthIndicator[] = [
    indicator('connections', connectionsRatio(cluster), 'full'),
    indicator('disk', usedRatio(cluster.disk), 'full'),
    indicator(
      'produce-bandwidth',
      ratioOf(onlyValue(readings.peakProduceBytes), settings.produceBytesPerSecond),
      'traffic',
    ),
    indicator(
      'consume-bandwidth',
      ratioOf(onlyValue(readings.peakConsumeBytes), settings.consumeBytesPerSecond),
      'traffic',
    ),
  ]
  const state = indicators
    .map((one) => one.state)
    .reduce((a, b) => (WORST.indexOf(b) > WORST.indexOf(a) ? b : a))
  const told = indicators
    .filter((one) => one.state !== 'Healthy')
    .map((one) => `${one.name} at ${Math.round((one.usedRatio ?? 0) * 100)} %`)
  return { state, message: told.join(', ').slice(0, MAX_MESSAGE_LENGTH), indicators }
}

/** Connections as a share of `max.connections`, or of the files that the process may open where that is less. */
export function connectionsRatio({ readings, configs }: InspectedCluster): number | null {
  const connections = onlyValue(readings.connections)
  if (connections === null) return null
  const limit = brokerNumber(configs, 'max.connections')
  const byLimit = limit === null || limit >= NO_LIMIT ? null : ratioOf(connections, limit)
  const byFiles = ratioOf(onlyValue(readings.openFiles), onlyValue(readings.maxFiles) ?? 0)
  const known = [byLimit, byFiles].filter((ratio) => ratio !== null)
  return known.length === 0 ? null : Math.max(...known)
}

function indicator(
  name: HealthIndicator['name'],
  ratio: number | null,
  band: keyof typeof BANDS,
): HealthIndicator {
  return { name, usedRatio: ratio, state: ratio === null ? 'Healthy' : bandOf(ratio, band) }
}

function ratioOf(value: number | null, limit: number): number | null {
  return value === null || limit <= 0 ? null : value / limit
}
