import type { Topic } from '../../control/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import type { QuotaClient } from '../../quotas/index.ts'
import { throttled } from '../http/throttled.ts'
import type { RecordView } from './record-view.ts'

/** Throws a Problem while the reader, or the topic for everybody, has a debt: nobody can be held at this door. */
export function refuseHeldReader(
  { quotas }: BrokerServices,
  topic: Topic,
  reader: QuotaClient,
): void {
  const ofReader = quotas.areSet ? (quotas.of(reader, null).fetchHold()?.waitMs ?? 0) : 0
  const ofTopic = quotas.ofTopic(topic)?.fetchHold()?.waitMs ?? 0
  const waitMs = Math.max(ofReader, ofTopic)
  if (waitMs === 0) return
  const whose = ofReader >= ofTopic ? 'your consumer_byte_rate' : `the throttle of ${topic.name}`
  throw throttled(waitMs, `${whose} is used up`)
}

/** What is shown counts as what is fetched. */
export function countShown(
  { quotas }: BrokerServices,
  topic: Topic,
  reader: QuotaClient,
  records: readonly Pick<RecordView, 'sizeBytes'>[],
): void {
  const sizeBytes = records.reduce((sum, record) => sum + record.sizeBytes, 0)
  if (quotas.areSet) quotas.of(reader, null).fetched(sizeBytes)
  quotas.ofTopic(topic)?.fetched(sizeBytes)
}
