export { boardFiles } from './board/board-files.ts'
export { BOARDS } from './boards/boards.ts'
export { listAlertRules, PROMETHEUS_DIRECTORY, RECORDING_RULES } from './prometheus/files.ts'
