import { alerts } from './alerts.ts'
import { besideLoad } from './beside-load.ts'
import { besidePrometheus } from './beside-prometheus.ts'
import { watch } from './watch.ts'

/**
 * What the monitor takes.
 *
 *     node bench/monitor/main.ts watch [TOPICS] [PARTITIONS] [SECONDS]           beside a broker of so many partitions
 *     node bench/monitor/main.ts load [TOPICS] [PARTITIONS] [ROUNDS] [SECONDS] [FLAG...]   what that broker's clients notice of it
 *     node bench/monitor/main.ts alerts [ALERTS] [SECONDS]                       while so many alerts fire at once
 *     node --expose-gc bench/monitor/main.ts prometheus                          series and queries beside Debian's Prometheus
 */
const [what = '', ...words] = process.argv.slice(2)
const [first, second, third, fourth] = words.slice(0, 4).map(Number)
const flags = words.slice(4)

switch (what) {
  case 'watch':
    await watch(first ?? 1_000, second ?? 10, third ?? 75)
    break
  case 'load':
    await besideLoad(first ?? 1_000, second ?? 10, third ?? 3, fourth ?? 60, flags)
    break
  case 'alerts':
    await alerts(first ?? 10_000, second ?? 90)
    break
  case 'prometheus':
    await besidePrometheus()
    break
  default:
    throw new Error('watch, load, alerts or prometheus')
}
