import type { IdleLoad } from './load.ts'

export const idle: IdleLoad = {
  kind: 'idle',
  name: 'idle',
  summary: 'resident memory of a broker that took one write and then had nothing to do',
}
