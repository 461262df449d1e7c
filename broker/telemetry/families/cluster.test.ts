import { expect, it } from 'vitest'
import type { Sample } from '../family.ts'
import { clusterFamilies } from './cluster.ts'

it.each([
  'kafka_server_replicamanager_offlinereplicacount',
  'kafka_controller_kafkacontroller_offlinepartitionscount',
])('%s counts the partitions that cannot be read', (name) => {
  const states = ['open', 'quarantined', 'open', 'quarantined']
  const log = { logs: () => states.map((state) => ({ state })) }
  const family = clusterFamilies({ log } as never).find((each) => each.name === name)
  if (!family) throw new Error('it is not there')
  expect([...(family.samples() as Iterable<Sample>)]).toEqual([{ labels: {}, value: 2 }])
})
