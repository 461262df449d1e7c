/**
 * `npm run dashboards:check`: a Glasslog under the load of real clients, and every expression of our boards and rules
 * asked of it. `--public [DIR]` asks those of public boards, too; `--prometheus` has Debian's Prometheus scrape and
 * judge beside the monitor.
 */
import { parseArgs } from 'node:util'
import { missingTools } from '../support/missing-tools.ts'
import { checkDashboards } from './check-dashboards.ts'

const { values } = parseArgs({
  options: {
    public: { type: 'boolean', default: false },
    'public-dir': { type: 'string', default: '../shared/public-dashboards' },
    prometheus: { type: 'boolean', default: false },
  },
})
const missing = values.prometheus ? missingTools(['prometheus', 'promtool'], 'prometheus') : null
if (missing !== null) {
  console.log(missing)
} else {
  const exitCode = await checkDashboards({
    publicDirectory: values.public ? values['public-dir'] : null,
    withPrometheus: values.prometheus,
  })
  // Clients of the load may go on looking for a broker that has ended; nobody waits for them.
  process.exit(exitCode)
}
