import { defineConfig } from 'vitest/config'

/** Crashes, disk errors, full disks and SIGKILL: minutes, not seconds, so `npm run test:faults` runs them. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    // A run that goes deeper may take as much longer.
    testTimeout: 240_000 * Math.max(1, Number(process.env.GLASSLOG_FAULTS_DEPTH ?? 1)),
    maxWorkers: 2,
  },
})
