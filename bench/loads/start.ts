import type { StartLoad } from './load.ts'

export const start: StartLoad = {
  kind: 'start',
  name: 'start',
  summary:
    'process spawn to the first acknowledged write (acks=all): on empty data, and again on used',
}
