import { renderConfigurationDoc } from '../../broker/control/index.ts'
import { processConfig } from '../../cli/index.ts'
import { page, table } from './markdown.ts'

/** docs/configuration.md: the process's own settings, then Kafka's topic and broker configs. */
export function renderConfiguration(): string {
  const rows = processConfig.names.map((name) => {
    const row = processConfig.rows[name]
    return [`\`${name}\``, row.type, row.default === null ? '' : `\`${row.default}\``, row.doc]
  })
  return page(
    'Configuration',
    'Flag (`--data-dir DIR`), environment (`GLASSLOG_DATA_DIR`) and file (`data-dir: DIR` in `./glasslog.yaml`, or the one that `--config` names) set the process; flag > environment > file > default. A wrong value ends the start with exit code 78 and one message that names every fault.',
    '## Process',
    table(['Key', 'Type', 'Default', 'What it does'], rows),
    renderConfigurationDoc(),
  )
}
