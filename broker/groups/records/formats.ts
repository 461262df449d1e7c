import {
  array,
  bytes,
  data,
  int32,
  leaderEpoch,
  offset,
  partitionIndex,
  string,
  timestamp,
  topicName,
  uuid,
  versions,
} from '../../../protocol/index.ts'

// What stands in `__consumer_offsets`, as Kafka 4.1 declares it (group-coordinator, common/message).
// Keys and values each begin with an int16: a key's number says what the record is (0 and 1 are
// offset commits, 2 is group metadata), a value's number is its version.

export const OffsetCommitKey = data('OffsetCommitKey', versions('0-1'), {
  group: string(),
  topic: topicName(),
  partition: partitionIndex(),
})

/**
 * The key of an offset whose topic was deleted and can be restored: not Kafka's, which has no such
 * thing. Its number is far from Kafka's own, and who does not know it passes the record over.
 */
export const PARKED_OFFSET_KEY = 0x474c

export const ParkedOffsetKey = data('ParkedOffsetKey', versions('0'), {
  group: string(),
  topicId: uuid(),
  partition: partitionIndex(),
})

export const OffsetCommitValue = data('OffsetCommitValue', versions('0-4', { flexible: '4+' }), {
  offset: offset(),
  leaderEpoch: leaderEpoch({ versions: '3+', default: -1, ignorable: true }),
  metadata: string(),
  commitTimestamp: timestamp(),
  expireTimestamp: timestamp({ versions: '1', default: -1, ignorable: true }),
  topicId: uuid({ versions: '4+', tag: 0, ignorable: true }),
})

export const GroupMetadataKey = data('GroupMetadataKey', versions('2'), {
  group: string(),
})

export const GroupMetadataValue = data('GroupMetadataValue', versions('0-4', { flexible: '4+' }), {
  protocolType: string(),
  generation: int32(),
  protocol: string({ nullable: '0+' }),
  leader: string({ nullable: '0+' }),
  currentStateTimestamp: timestamp({ versions: '2+', default: -1, ignorable: true }),
  members: array({
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', default: null, ignorable: true }),
    clientId: string(),
    clientHost: string(),
    rebalanceTimeout: int32({ versions: '1+', default: -1, ignorable: true }),
    sessionTimeout: int32(),
    subscription: bytes(),
    assignment: bytes(),
  }),
})
