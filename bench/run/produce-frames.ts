import { randomBytes } from 'node:crypto'
import type { ProduceFrame } from '../client/produce-frame.ts'
import { encodeProduceFrame } from '../client/produce-frame.ts'
import type { ProduceLoad, ProducerShape } from '../loads/load.ts'

/**
 * The frames that each producer sends in turn. Partitions go to producers as round robin deals them;
 * producers share partitions only when there are fewer of these.
 */
export function framesOfProducers(
  topic: string,
  load: Pick<ProduceLoad, 'partitions' | 'batch'>,
  { connections, partitionsPerRequest }: ProducerShape,
): readonly (readonly ProduceFrame[])[] {
  const timestampMs = Date.now()
  const frames: ProduceFrame[] = []
  for (let first = 0; first < load.partitions; first += partitionsPerRequest) {
    const last = Math.min(first + partitionsPerRequest, load.partitions)
    const partitions = Array.from({ length: last - first }, (_, i) => first + i)
    frames.push(encodeProduceFrame(topic, partitions, load.batch, randomBytes, timestampMs))
  }
  return Array.from({ length: connections }, (_, producer) =>
    producer < frames.length
      ? frames.filter((_, i) => i % connections === producer)
      : frames.slice(producer % frames.length, (producer % frames.length) + 1),
  )
}
