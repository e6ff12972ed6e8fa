import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProcesses } from '../../demo-service/src/demo/processes.ts'
import { startTraffic, type Traffic } from '../../demo-service/src/demo/traffic.ts'
import { homeRowRanking } from '../../demo-service/src/experiment.ts'
import { SOURCE_FLAGS } from '../../demo-service/test/source-flags.ts'

/** A real control plane in a process of its own, with the demo's trial. */
export interface DemoPlane {
  readonly url: string
  /** Two instances of the demo's service, and viewers who use them. */
  serve(scenario: string): Promise<void>
  /** Everything that runs ends, and what was written is removed. */
  close(): Promise<void>
}

/**
 * @param people whose token is their name with `-token` behind it; without any, whoever is on this machine may all
 * @param changes of the demo's trial
 */
export async function startDemoPlane(
  people: readonly { readonly name: string; readonly role: string }[] = [],
  changes: object = {},
): Promise<DemoPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'fairtrial-console-'))
  const processes = createProcesses(SOURCE_FLAGS)
  let traffic: Traffic | undefined

  async function close(): Promise<void> {
    await traffic?.stop()
    await processes.kill()
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }

  try {
    const { fingerprint: _, ...plan } = homeRowRanking
    const definition = join(directory, 'home-row-ranking.json')
    await writeFile(definition, JSON.stringify({ ...plan, ...changes }))
    const tokens = join(directory, 'tokens.json')
    await writeFile(
      tokens,
      JSON.stringify(people.map((one) => ({ ...one, sha256: sha256(`${one.name}-token`) }))),
    )
    const { url } = await processes.start('the control plane', local('../../control-plane/src/main.ts'), [
      ...flags({ definition, data: join(directory, 'data'), port: 0, 'tick-ms': 250, 'lease-ms': 3000 }),
      ...(people.length === 0 ? [] : ['--tokens', tokens]),
    ])
    return {
      url,
      async serve(scenario) {
        const services = await Promise.all(
          ['a', 'b'].map((instance) =>
            processes.start(
              `instance ${instance}`,
              local('../../demo-service/src/main.ts'),
              flags({ control: url, instance, scenario, seed: 7 }),
            ),
          ),
        )
        traffic = startTraffic({ services: services.map((service) => service.url), seed: 7, concurrency: 48 })
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function flags(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`])
}

function local(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
