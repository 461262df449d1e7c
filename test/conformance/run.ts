import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { FOLDER_VARIABLE } from './descriptions.ts'

// `npm run test:conformance -- FOLDER`: the folder goes into the environment, where the tests look.
const folder = process.argv[2]
if (folder !== undefined) process.env[FOLDER_VARIABLE] = folder
const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url))
const vitest = await startVitest('test', [], { config, watch: false })
await vitest.close()
