import { defineConfig } from 'vitest/config'

const conditions = ['@fairtrial/source']

// Tests run the TypeScript sources: no build stands between a change and its test.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: ['scripts/test-data.ts', 'brokers/src/tests-setup.ts', 'databases/src/tests-setup.ts'],
    setupFiles: 'scripts/property-seed.ts',
    include: [
      '{packages,apps,examples,benchmarks,calibration,brokers,databases,disks,torture,scripts}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Far above what any test needs: a timeout tells a test that hangs, never a machine that is busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
