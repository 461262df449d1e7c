import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { ResetGroupOffsets } from '../../control/index.ts'
import type { GroupView } from '../../groups/index.ts'
import type { BrokerServices } from '../../handlers/index.ts'
import { Problem } from '../http/problem.ts'
import { closed, oneOf, time, topicName } from '../http/schema.ts'
import { openLog } from '../records/open-log.ts'
import { existingTopic } from './existing.ts'

const MAX_TOPICS = 1_000
const MAX_PARTITIONS = 10_000

/** Where committed offsets are to go. */
export const offsetTargetSchema = closed(
  {
    to: oneOf(['earliest', 'latest', 'time', 'offset', 'shift', 'none'], {
      description:
        'The begin or end of each partition; the first record at or after `time`; `offset`; by `shift` from where it is; `none` removes it.',
    }),
    time: Type.Optional(time('For `to: time`. After the last record it is the end.')),
    offset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'For `to: offset`.',
      }),
    ),
    shift: Type.Optional(
      Type.Integer({
        minimum: -Number.MAX_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'For `to: shift`; negative goes back.',
      }),
    ),
    topics: Type.Optional(
      Type.Array(
        closed({
          topic: topicName(),
          partitions: Type.Optional(
            Type.Array(Type.Integer({ minimum: 0 }), {
              maxItems: MAX_PARTITIONS,
              description: 'All of the topic when left out.',
            }),
          ),
        }),
        {
          minItems: 1,
          maxItems: MAX_TOPICS,
          description: 'All partitions with a committed offset when left out.',
        },
      ),
    ),
  },
  {
    title: 'OffsetTarget',
    description: 'Offsets beyond a partition’s begin or end become its begin or end.',
  },
)
export type OffsetTarget = Static<typeof offsetTargetSchema>

/** Which argument each target needs. */
const ARGUMENTS: Readonly<Partial<Record<OffsetTarget['to'], 'time' | 'offset' | 'shift'>>> = {
  time: 'time',
  offset: 'offset',
  shift: 'shift',
}

interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The offsets that a target means for this group; `group` is null when there is none yet. */
export async function targetOffsets(
  broker: BrokerServices,
  group: GroupView | null,
  target: OffsetTarget,
): Promise<ResetGroupOffsets['offsets']> {
  checkArguments(target)
  return await Promise.all(
    partitionsOf(broker, group, target).map(async (place) => ({
      ...place,
      offset: target.to === 'none' ? null : await offsetOf(broker, group, target, place),
    })),
  )
}

function checkArguments(target: OffsetTarget): void {
  const needed = ARGUMENTS[target.to]
  for (const argument of ['time', 'offset', 'shift'] as const) {
    if ((argument === needed) === (target[argument] !== undefined)) continue
    const detail =
      argument === needed ? `is what to: ${target.to} needs` : `is not for to: ${target.to}`
    throw new Problem('invalid-request', `${argument} ${detail}`, [
      { where: `body/${argument}`, detail },
    ])
  }
}

function partitionsOf(
  { control }: BrokerServices,
  group: GroupView | null,
  { topics }: OffsetTarget,
): TopicPartition[] {
  const places = topics
    ? topics.flatMap(({ topic, partitions }) => {
        const { partitionCount } = existingTopic(control, topic)
        const all = Array.from({ length: partitionCount }, (_, index) => index)
        return [...new Set(partitions ?? all)].map((partition) => ({ topic, partition }))
      })
    : [...(group?.offsets ?? [])].flatMap(([topic, partitions]) =>
        [...partitions.keys()].map((partition) => ({ topic, partition })),
      )
  if (places.length > 0 && places.length <= MAX_PARTITIONS) return places.sort(byPlace)
  throw new Problem(
    'invalid-request',
    places.length === 0
      ? 'the group has no committed offsets: name topics'
      : `one request sets at most ${MAX_PARTITIONS} offsets, and these are ${places.length}`,
  )
}

function byPlace(a: TopicPartition, b: TopicPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition
}

async function offsetOf(
  broker: BrokerServices,
  group: GroupView | null,
  target: OffsetTarget,
  { topic, partition }: TopicPartition,
): Promise<number> {
  const log = openLog(broker, existingTopic(broker.control, topic), partition)
  const { logStartOffset, highWatermark } = log
  const within = (offset: number): number =>
    Math.min(Math.max(offset, logStartOffset), highWatermark)
  switch (target.to) {
    case 'earliest':
      return logStartOffset
    case 'time': {
      const found = await broker.log.findByTime(log, Date.parse(target.time ?? ''))
      return found?.offset ?? highWatermark
    }
    case 'offset':
      return within(target.offset ?? 0)
    case 'shift': {
      const committed = group?.offsets.get(topic)?.get(partition)?.offset
      if (committed !== undefined) return within(committed + (target.shift ?? 0))
      const detail = `${topic}-${partition} has no committed offset to shift`
      throw new Problem('invalid-request', detail, [{ where: 'body/shift', detail }])
    }
    default:
      return highWatermark
  }
}
