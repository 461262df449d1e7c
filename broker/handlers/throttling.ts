import type { Topic } from '../control/index.ts'
import type { RequestContext } from './handler.ts'
import type { BrokerServices } from './services.ts'

/** A Produce request counts as a whole against the quota of its client, whatever becomes of it. */
export function throttleProduce(context: RequestContext, { quotas }: BrokerServices): void {
  if (!quotas.areSet) return
  const hold = quotas.of(context.connection, context.clientId).produced(context.sizeBytes)
  if (hold) context.throttle(hold)
}

/** A batch counts against the throttle of its topic once nothing is wrong with it. */
export function throttleProduceTo(
  topic: Topic,
  sizeBytes: number,
  context: RequestContext,
  { quotas }: BrokerServices,
): void {
  const hold = quotas.ofTopic(topic)?.produced(sizeBytes)
  if (hold) context.throttle(hold)
}

/** Whether a fetch has to be answered with nothing, and its client to wait, as Kafka does. */
export function isFetchHeld(context: RequestContext, { quotas }: BrokerServices): boolean {
  if (!quotas.areSet) return false
  const hold = quotas.of(context.connection, context.clientId).fetchHold()
  if (hold) context.throttle(hold)
  return hold !== null
}

/** Bytes that a fetch may answer with, by the quota of its client. */
export function fetchableBytes(context: RequestContext, { quotas }: BrokerServices): number {
  return quotas.areSet ? quotas.of(context.connection, context.clientId).fetchableBytes : Infinity
}

/** What a fetch is answered with counts against the quota of its client. */
export function countFetched(
  sizeBytes: number,
  context: RequestContext,
  { quotas }: BrokerServices,
): void {
  if (quotas.areSet) quotas.of(context.connection, context.clientId).fetched(sizeBytes)
}
