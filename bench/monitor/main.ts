import { alerts } from './alerts.ts'
import { besidePrometheus } from './beside-prometheus.ts'
import { watch } from './watch.ts'

/**
 * What the monitor takes.
 *
 *     node bench/monitor/main.ts watch [TOPICS] [PARTITIONS] [SECONDS]   beside a broker of so many partitions
 *     node bench/monitor/main.ts alerts [ALERTS] [SECONDS]               while so many alerts fire at once
 *     node --expose-gc bench/monitor/main.ts prometheus                  series and queries beside Debian's Prometheus
 */
const [what = '', ...numbers] = process.argv.slice(2)
const [first, second, third] = numbers.map(Number)

switch (what) {
  case 'watch':
    await watch(first ?? 1_000, second ?? 10, third ?? 75)
    break
  case 'alerts':
    await alerts(first ?? 10_000, second ?? 90)
    break
  case 'prometheus':
    await besidePrometheus()
    break
  default:
    throw new Error('watch, alerts or prometheus')
}
