export { processConfig } from './process-config.ts'
