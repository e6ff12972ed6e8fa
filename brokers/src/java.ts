import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readJarLock } from './jars.ts'

/** The Java that runs the brokers, or why there is none. */
export type Java = { readonly command: string } | { readonly missing: string }

/** Looks for a Java of at least `version`: under JAVA_HOME where that is set, on the PATH else. */
export function findJava(version: number): Java {
  const home = process.env.JAVA_HOME
  const command = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java')
  const { status, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', timeout: 30_000 })
  if (status !== 0) return { missing: `there is no Java (${command} does not run)` }
  const found = Number(/version "(\d+)/.exec(stderr)?.[1])
  if (!(found >= version)) return { missing: `${command} is Java ${found}, and Kafka needs ${version}` }
  return { command }
}

/** Why no Kafka can be started here, in half a sentence; null where one can. */
export async function missingForKafka(): Promise<string | null> {
  const java = findJava((await readJarLock()).java)
  return 'missing' in java ? java.missing : null
}
