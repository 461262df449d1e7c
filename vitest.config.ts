import { defineConfig } from 'vitest/config'

// Unit tests sit beside their source; test/ holds what crosses rooms. Interop, conformance and the
// long fault runs need toolchains or data that users do not have, so they have commands of their own.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/interop/**', 'test/conformance/**', 'test/faults/**'],
    testTimeout: 20_000,
    // What is waited for comes by sockets and processes: a busy machine is late, which is no fault.
    expect: { poll: { timeout: 10_000 } },
    // Most tests wait for timers and child processes more than they compute.
    maxWorkers: '100%',
  },
})
