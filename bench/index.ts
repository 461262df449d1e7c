export { benchCommand, usage as benchUsage } from './command.ts'
