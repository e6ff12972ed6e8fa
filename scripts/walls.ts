// Holds the walls between the rooms: what each package may depend on, how files are named and how long they are, what
// a barrel may say. `tsx scripts/walls.ts [FOLDER]` prints what is wrong, a line each, and exits with 1.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The siblings and libraries that each room may depend on. `anything` is for what meets all rooms. */
const ROOMS: Record<string, readonly string[] | 'anything'> = {
  protocol: ['zod', '@noble/hashes'],
  assignment: ['@fairtrial/protocol', 'murmurhash3js'],
  // @opentelemetry/api: an optional peer of their `./otel` alone, by which a service's own SDK hears of them.
  exposure: ['@fairtrial/protocol', '@opentelemetry/api', 'kafkajs', '@confluentinc/kafka-javascript'],
  client: ['@fairtrial/protocol', '@fairtrial/assignment', '@fairtrial/exposure', '@opentelemetry/api'],
  metrics: ['@fairtrial/protocol', '@fairtrial/statistics'],
  statistics: [],
  sequential: ['@fairtrial/protocol', '@fairtrial/statistics'],
  fidelity: [
    '@fairtrial/protocol',
    '@fairtrial/assignment',
    '@fairtrial/statistics',
    '@fairtrial/sequential',
  ],
  // pg: an optional peer of its `./postgres` alone.
  rollout: [
    '@fairtrial/protocol',
    '@fairtrial/metrics',
    '@fairtrial/statistics',
    '@fairtrial/sequential',
    '@fairtrial/fidelity',
    'pg',
  ],
  cli: 'anything',
}

/**
 * Siblings of which a room may use types only, and the small entry points that it may nevertheless run: the rest of
 * protocol brings zod along, and these rooms are installed where every kilobyte counts.
 */
const TYPES_ONLY: Record<string, { sibling: string; except: readonly string[] }> = {
  assignment: {
    sibling: '@fairtrial/protocol',
    except: ['@fairtrial/protocol/buckets', '@fairtrial/protocol/error'],
  },
  exposure: {
    sibling: '@fairtrial/protocol',
    except: [
      '@fairtrial/protocol/buckets',
      '@fairtrial/protocol/error',
      '@fairtrial/protocol/exposure-id',
      '@fairtrial/protocol/parse-event',
    ],
  },
  client: {
    sibling: '@fairtrial/protocol',
    except: ['@fairtrial/protocol/buckets', '@fairtrial/protocol/error'],
  },
}

/** Rooms that no outside world reaches: compiled without Node's types. */
const PURE_ROOMS = ['protocol', 'assignment', 'metrics', 'statistics', 'sequential', 'fidelity', 'rollout']

const NAMELESS = /^(utils?|helpers?|commons?|misc|shared)$/
/** A test may be longer: it is a list, and is read by its titles. */
const LONGEST_FILE = 300

interface Manifest {
  name: string
  scripts?: Record<string, string>
  exports?: Record<string, unknown>
  publishConfig?: { exports?: Record<string, unknown> }
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** Everything that is wrong in the workspace at `root`, a line each. */
export function findBreaches(root: string): string[] {
  const rooms = foldersIn(join(root, 'packages'))
  if (rooms.length === 0) return [`packages: no package found in ${root}`]
  return [
    ...rooms.flatMap((room) => manifestBreaches(root, room)),
    ...rooms.flatMap((room) => importBreaches(root, room)),
    ...[
      'packages',
      'apps',
      'examples',
      'benchmarks',
      'calibration',
      'brokers',
      'databases',
      'disks',
      'torture',
      'scripts',
    ].flatMap((folder) => sourcesIn(join(root, folder)).flatMap((file) => sourceBreaches(root, file))),
  ]
}

function manifestBreaches(root: string, room: string): string[] {
  const path = `packages/${room}/package.json`
  const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest
  const allowed = ROOMS[room]
  if (allowed === undefined)
    return [`${path}: "${room}" is not a room of the house; give it its row in scripts/walls.ts`]

  const { dependencies, peerDependencies, optionalDependencies } = manifest
  const used = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
  const forbidden = allowed === 'anything' ? [] : used.filter((name) => !allowed.includes(name))
  const breaches = forbidden.map((name) => `${path}: ${room} may not depend on ${name}`)

  // Turbo passes over a package that lacks the script, and says nothing.
  for (const task of ['check', 'api']) {
    if (manifest.scripts?.[task] !== `tsx ../../scripts/package.ts ${task}`) {
      breaches.push(`${path}: its script "${task}" must be \`tsx ../../scripts/package.ts ${task}\``)
    }
  }

  const source = manifest.exports ?? {}
  const published = manifest.publishConfig?.exports ?? {}
  for (const subpath of new Set([...Object.keys(source), ...Object.keys(published)])) {
    const { '@fairtrial/source': file, ...conditions } = asConditions(source[subpath])
    if (JSON.stringify(conditions) !== JSON.stringify(asConditions(published[subpath]))) {
      breaches.push(`${path}: "${subpath}" differs between exports and publishConfig.exports`)
    }
    const first = Object.keys(asConditions(source[subpath]))[0]
    if (file !== undefined && first !== '@fairtrial/source') {
      breaches.push(`${path}: "${subpath}" must name @fairtrial/source first`)
    }
  }
  return breaches
}

/** A plain string target and an absent one are compared too. */
function asConditions(target: unknown): Record<string, unknown> {
  if (target === undefined) return { absent: true }
  return typeof target === 'object' && target !== null ? { ...target } : { default: target }
}

function importBreaches(root: string, room: string): string[] {
  const typesOnly = TYPES_ONLY[room]
  const breaches: string[] = []
  const project = projectOf(root, room)
  if (PURE_ROOMS.includes(room) && /"types"\s*:\s*\[\s*"/.test(readFileSync(join(root, project), 'utf8'))) {
    breaches.push(`${project}: a pure room compiles without types of the outside world`)
  }
  for (const file of sourcesIn(join(root, 'packages', room, 'src'))) {
    if (typesOnly === undefined || isTest(file)) continue
    for (const [, clause = '', from = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      const sibling = from === typesOnly.sibling || from.startsWith(`${typesOnly.sibling}/`)
      if (sibling && !clause.startsWith('type ') && !typesOnly.except.includes(from)) {
        breaches.push(
          `${relative(root, file)}: ${room} may use only types of ${from} (write \`import type\`)`,
        )
      }
    }
  }
  return breaches
}

/** A room with a door to the outside, as rollout with its controller, compiles what is pure as a project of its own. */
function projectOf(root: string, room: string): string {
  const pure = `packages/${room}/tsconfig.pure.json`
  return existsSync(join(root, pure)) ? pure : `packages/${room}/tsconfig.json`
}

/** `import CLAUSE from 'X'` and `export CLAUSE from 'X'`, over several lines too; and `import 'X'`. */
const IMPORT = /^(?:import|export)\s+(?:((?:type\s+)?[\w*{}\s,$]+?)\s+from\s+)?'([^']+)'/gm

function sourceBreaches(root: string, file: string): string[] {
  const path = relative(root, file)
  const breaches: string[] = []
  const text = readFileSync(file, 'utf8')
  const stem = basename(file).replace(/(\.(test|test-d|bench|config|d))?\.m?[jt]sx?$/, '')
  if (
    path
      .split('/')
      .slice(0, -1)
      .concat(stem)
      .some((part) => NAMELESS.test(part))
  ) {
    breaches.push(`${path}: name it after what is in it, not ${stem}`)
  }
  const lines = text.split('\n').length - 1
  if (lines > LONGEST_FILE && !path.endsWith('.test.ts'))
    breaches.push(`${path}: ${lines} lines; a file has at most ${LONGEST_FILE}`)
  // What configures a tool is exported as the tool asks.
  const isConfig = path.endsWith('.config.ts')
  if (!isConfig && /^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(text)) {
    breaches.push(`${path}: no default exports; a name is the same everywhere`)
  }
  if (/^export\s+(type\s+)?\*/m.test(text)) breaches.push(`${path}: no \`export *\`; list what is exported`)
  return breaches
}

function isTest(file: string): boolean {
  return /\.(test|test-d)\.ts$/.test(file)
}

/** TypeScript and JavaScript written by hand, in no build output. */
function sourcesIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : sourcesIn(path)
    return /\.m?[jt]sx?$/.test(entry.name) ? [path] : []
  })
}

function foldersIn(folder: string): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const breaches = findBreaches(resolve(process.argv[2] ?? '.'))
  for (const breach of breaches) console.error(breach)
  process.exit(breaches.length === 0 ? 0 : 1)
}
