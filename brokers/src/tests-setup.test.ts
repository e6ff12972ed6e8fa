import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TEST_BROKERS, kafkaForTests, missingForTests } from './kafka-for-tests.ts'
import { setup } from './tests-setup.ts'

const said = vi.spyOn(console, 'error')

beforeEach(() => {
  // The setup of the run in which this is a test has set it.
  vi.stubEnv(TEST_BROKERS, '')
  vi.stubEnv('JAVA_HOME', '/nowhere')
  vi.stubEnv('CC', '/nowhere/cc')
  vi.stubEnv('KAFKA_BROKERS', '')
  said.mockReset().mockImplementation(() => {})
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the setup of a test run', () => {
  it('says once what is left out where Java and a compiler are missing', async () => {
    vi.stubEnv('CI', '')
    const teardown = await setup()
    try {
      expect(said).toHaveBeenCalledTimes(1)
      const [text] = said.mock.calls[0] as [string]
      expect(text).toMatch(
        /no Java \(\/nowhere\/bin\/java does not run\): the tests on real Kafka are LEFT OUT/,
      )
      expect(text).toMatch(/no C compiler .*: the tests on the mock cluster are LEFT OUT/)
      expect(missingForTests()).toEqual({ kafka: true, mockCluster: true })
      expect(await kafkaForTests()).toMatchObject({ isMissing: true, brokers: [] })
    } finally {
      await teardown()
    }
  })

  it('leaves nothing out in CI', async () => {
    vi.stubEnv('CI', 'true')
    await expect(setup()).rejects.toThrow(/no Java .* cannot run/)
  })

  it('needs no Java for a cluster that is there', async () => {
    vi.stubEnv('CI', '')
    vi.stubEnv('KAFKA_BROKERS', '127.0.0.1:1')
    const teardown = await setup()
    try {
      expect(await kafkaForTests()).toMatchObject({ isMissing: false, brokers: ['127.0.0.1:1'] })
    } finally {
      await teardown()
    }
  })
})
