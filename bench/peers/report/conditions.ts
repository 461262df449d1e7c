import type { Load } from '../../loads/load.ts'
import { describeFdatasync } from '../../report/machine.ts'
import type { Comparison, Conditions } from '../comparison.ts'

/** How one load was measured, and the command that does it again. */
export function renderConditions(comparison: Comparison): readonly string[] {
  const { name, conditions, commands, fdatasync, pairs } = comparison
  const [first, last] = [pairs[0]?.at ?? '', pairs.at(-1)?.at ?? '']
  return [
    '',
    `**${name}**: ${describeLoad(conditions)}`,
    '',
    `- \`${commandOf(comparison)}\`, ${first} to ${last}`,
    `- ${conditions.machine}; ${conditions.cores}`,
    `- ${describeFdatasync(fdatasync)}`,
    `- Glasslog ${conditions.glasslogVersion}: \`${commands.glasslog}\``,
    ...(commands.kafka ? [`- Apache Kafka ${conditions.kafkaVersion}: \`${commands.kafka}\``] : []),
    `- ${warmup(conditions)}, a fresh broker on an empty directory for every run`,
  ]
}

function commandOf({ name, conditions, pairs }: Comparison): string {
  const client = conditions.client === 'raw' ? '' : ` --client ${conditions.client}`
  const times = `--pairs ${pairs.length} --seconds ${conditions.measureMs / 1000}`
  return `npm run bench:peers -- --load ${name} ${times}${client}`
}

/** Tools count from their first record to their last, however long the JVMs need to get going. */
function warmup({ client, warmupMs }: Conditions): string {
  return client === 'raw' ? `${warmupMs / 1000} s warm-up` : 'no warm-up, the tool runs to its end'
}

/** A tool brings its own client with its own defaults: only records and partitions are the load's. */
function describeLoad({ client, summary, load }: Conditions): string {
  if (client === 'raw') return summary
  const declared = JSON.parse(load) as Load
  switch (declared.kind) {
    case 'consume':
      return `records of ${declared.batch.recordBytes} B, ${declared.partitions} partitions, one consumer of ${declared.preloadBytes / 2 ** 30} GiB, else the tool's defaults`
    case 'produce':
      return `records of ${declared.batch.recordBytes} B, ${declared.partitions} partitions, one producer with acks=all, else the tool's defaults`
    case 'paced':
      return `one record of ${declared.batch.recordBytes} B at a time with acks=all, sent and waited for until it is consumed`
    default:
      return summary
  }
}
