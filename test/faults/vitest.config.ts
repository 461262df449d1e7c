import { defineConfig } from 'vitest/config'

/** Crashes, disk errors, full disks and SIGKILL: minutes, not seconds, so `npm run test:faults` runs them. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 240_000,
    maxWorkers: 2,
  },
})
