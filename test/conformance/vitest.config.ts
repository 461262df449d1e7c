import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run test:conformance`: our declarations of the protocol's messages against Kafka's own
// descriptions of them, which are not part of this repository (see descriptions.ts).
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/conformance/**/*.test.ts'],
    globalSetup: ['test/conformance/require-descriptions.ts'],
  },
})
