import { describeLogStore } from './contract.ts'
import { SimulatedLogStore } from './testing.ts'

describeLogStore('journal and segments on a simulated disk', () => SimulatedLogStore.create())
