import { bothWays } from './both-ways.ts'
import { consumeStart } from './consume-start.ts'
import { consumeTail } from './consume-tail.ts'
import { latency } from './latency.ts'
import type { Load } from './load.ts'
import { produce1k } from './produce-1k.ts'
import { produce100Partitions } from './produce-100-partitions.ts'
import { produce100b } from './produce-100b.ts'
import { requests } from './requests.ts'

/** Every load, in the order in which they run and are shown. */
export const loads: readonly Load[] = [
  produce1k,
  produce100b,
  produce100Partitions,
  requests,
  consumeTail,
  consumeStart,
  bothWays,
  latency,
]
