import {
  ConsumerProtocolSubscription,
  codec,
  ProtocolError,
  Reader,
} from '../../../protocol/index.ts'
import type { ClassicGroup } from './group.ts'
import { CONSUMER_PROTOCOL_TYPE } from './group.ts'
import { protocolMetadata } from './protocols.ts'

/**
 * The topics that the members of a consumer group subscribe to. Null when the group uses another
 * protocol type, has not chosen a protocol yet, or says something that cannot be read.
 */
export function subscribedTopics(
  group: Pick<ClassicGroup, 'protocolType' | 'protocolName' | 'members'>,
): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) return null
  if (group.members.size === 0) return new Set()
  if (group.protocolName === null) return null
  const topics = new Set<string>()
  for (const member of group.members.values()) {
    const subscription = readTopics(protocolMetadata(member, group.protocolName))
    if (subscription === null) return null
    for (const topic of subscription) topics.add(topic)
  }
  return topics
}

/** Every version of the subscription begins like version 0, so nothing here depends on later ones. */
function readTopics(metadata: Buffer): readonly string[] | null {
  const reader = new Reader(metadata)
  try {
    if (reader.int16() < 0) return null
    return codec(ConsumerProtocolSubscription, 0).read(reader).topics
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
