import { bothWays } from './both-ways.ts'
import { connections } from './connections.ts'
import { consume10Gb } from './consume-10gb.ts'
import { consumeStart } from './consume-start.ts'
import { consumeTail } from './consume-tail.ts'
import { idle } from './idle.ts'
import { latency } from './latency.ts'
import { latencyDisk2Ms, latencyDisk10Ms } from './latency-slow-disk.ts'
import type { Load } from './load.ts'
import { manyPartitions } from './many-partitions.ts'
import { neighbours } from './neighbours.ts'
import { produce1k } from './produce-1k.ts'
import { produce100Partitions } from './produce-100-partitions.ts'
import { produce100b } from './produce-100b.ts'
import { requests } from './requests.ts'
import { restart } from './restart.ts'
import { acls, tls } from './secured.ts'
import { start } from './start.ts'

/** Every load, in the order in which they run and are shown. */
export const loads: readonly Load[] = [
  produce1k,
  produce100b,
  produce100Partitions,
  requests,
  consumeTail,
  consumeStart,
  consume10Gb,
  bothWays,
  latency,
  latencyDisk2Ms,
  latencyDisk10Ms,
  start,
  idle,
  tls,
  acls,
  restart,
  manyPartitions,
  connections,
  neighbours,
]
