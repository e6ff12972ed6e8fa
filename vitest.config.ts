import { defineConfig } from 'vitest/config'

const conditions = ['@fairtrial/source']

// Tests run the TypeScript sources: no build stands between a change and its test.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: 'scripts/test-data.ts',
    include: [
      '{packages,apps,examples}/*/{src,test}/**/*.test.ts',
      'scripts/**/*.test.ts',
      'benchmarks/**/*.test.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
