import type { Traffic } from '../../handlers/index.ts'
import type { RequestStats } from '../../network/index.ts'
import type { Family, Sample } from '../family.ts'
import type { TopicView } from '../view/topic-view.ts'
import { COUNTERS, trafficSamples } from './topics.ts'

interface PersecSources {
  readonly traffic: Traffic
  readonly topicView: TopicView
  readonly requests: RequestStats
}

const MOVED_BY = 'test/e2e/metrics.test.ts'
const ONE_REPLICA = 'One broker holds the one replica of each partition.'

/** Counters as some packaged dashboards know them, by the names of Kafka's meters, which end in `PerSec`. */
export function persecFamilies(sources: PersecSources): readonly Family[] {
  return [
    ...COUNTERS.map(([name, help, read]) => {
      const samples = trafficSamples(sources, read)
      return family(`kafka_server_brokertopicmetrics_${name}persec`, help, ['topic'], samples)
    }),
    family(
      'kafka_network_requestmetrics_requestspersec',
      'Requests by API and version.',
      ['request', 'version'],
      () => requestsOf(sources.requests),
    ),
    constant('kafka_server_replicamanager_isrshrinkspersec', 'Replicas that fell behind.'),
    constant('kafka_server_replicamanager_isrexpandspersec', 'Replicas that caught up.'),
    constant(
      'kafka_controller_controllerstats_uncleanleaderelectionspersec',
      'Elections of a leader that had not all data.',
    ),
  ]
}

function family(
  name: string,
  help: string,
  labels: readonly string[],
  samples: () => Iterable<Sample>,
): Family {
  const read = samples as () => Iterable<Sample>
  return {
    name,
    type: 'unknown',
    help,
    labels,
    movedBy: MOVED_BY,
    dialect: 'persec',
    samples: read,
  }
}

function constant(name: string, help: string): Family {
  return { ...family(name, help, [], () => [{ labels: {}, value: 0 }]), constant: ONE_REPLICA }
}

function* requestsOf({ apis }: RequestStats): Iterable<Sample> {
  for (const { name, requestsByVersion } of apis.values()) {
    for (const [version, value] of requestsByVersion.entries()) {
      if (value > 0) yield { labels: { request: name, version }, value }
    }
  }
}
