import type { FastifyInstance } from 'fastify'
import type { SeriesStore } from '../series/index.ts'

export interface StatusApiServices {
  readonly store: Pick<SeriesStore, 'seriesCount' | 'blockBytes'>
  readonly version: string
  readonly startedAtMs: number
  readonly retentionMs: number
  /** What the process was started with, by name; nothing secret. */
  readonly flags: Readonly<Record<string, string>>
}

const HOUR_MS = 3_600_000

/** `/api/v1/status/*` and the health pages of Prometheus, as Grafana and promtool ask for them. */
export function addStatusApi(app: FastifyInstance, services: StatusApiServices): void {
  const { store, version, startedAtMs, retentionMs, flags } = services
  const status = (name: string, data: () => object) =>
    app.get(`/api/v1/status/${name}`, async () => ({ status: 'success', data: data() }))

  status('buildinfo', () => ({
    // What may be asked: the language and the API of this Prometheus.
    version: '3.0.0',
    revision: `glasslog ${version}`,
    branch: '',
    buildUser: '',
    buildDate: '',
    goVersion: '',
  }))
  status('runtimeinfo', () => ({
    startTime: new Date(startedAtMs).toISOString(),
    reloadConfigSuccess: true,
    storageRetention: `${retentionMs / HOUR_MS}h`,
  }))
  status('flags', () => flags)
  status('config', () => ({ yaml: '' }))
  status('tsdb', () => ({
    headStats: { numSeries: store.seriesCount },
    blockBytes: store.blockBytes,
  }))
  app.get('/-/healthy', async () => 'Healthy.\n')
  app.get('/-/ready', async () => 'Ready.\n')
}
