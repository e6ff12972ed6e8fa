import { join } from 'node:path'
import { segmentRetention } from '@fairtrial/exposure/segments'
import { steadyTime, systemClock } from '@fairtrial/rollout/controller'
import { tokensOf } from './access/tokens.ts'
import { attributionRoutes } from './attribution/attribution-routes.ts'
import { openKeepingRooms, type TellingOptions } from './keeping-rooms.ts'
import { consoleRoutes } from './console/console-routes.ts'
import { findConsole } from './console/find-console.ts'
import { countPlane } from './metrics/plane-metrics.ts'
import { streamMetrics } from './metrics/stream-metrics.ts'
import { keptDefinitions } from './kept-definitions.ts'
import { type LandingOptions, landTopics } from './land-topics.ts'
import type { Tell } from './notice.ts'
import { openFileStore, openPostgresStore, type OpenedStore } from './open-store.ts'
import { createRetention, type Retention } from './retention/retention.ts'
import { retainedTable } from './retention/retained-table.ts'
import { openApiRoute } from './openapi/openapi-route.ts'
import { printable } from './printable.ts'
import { type Plane, type PlaneOptions, startPlane } from './plane.ts'
import { refusedOrder } from './refused-order.ts'
import { readExposureSecret } from './public-exposures.ts'
import type { Route } from './route.ts'
import { ingestRoutes } from './routes/ingest-routes.ts'
import { processRoutes } from './routes/process-routes.ts'
import { rolloutRoutes } from './routes/rollout-routes.ts'
import { stateRoutes } from './routes/state-routes.ts'
import { createControlServer } from './server.ts'
import { createChangeStream } from './stream/change-stream.ts'
import { readSigner } from './stream/signer.ts'
import { createStateStream, type StateStream } from './stream/state-stream.ts'
import type { Trail } from './trail/trail.ts'

/** What a control plane is made of, over what its plane is. */
export interface ControlPlaneOptions
  extends Omit<PlaneOptions, 'tell' | 'knownRevision' | 'opened' | 'landed' | 'maximumSegmentAgeMs'>,
    TellingOptions {
  /** Of tokens and roles. Without it this machine may do everything, and nobody else anything. */
  readonly tokensFile?: string
  /** Of an Ed25519 private key in PEM. With it, what clients are told of state is signed. */
  readonly signingKeyFile?: string
  /** Where the state is kept, if somebody has opened it already. It is closed here. */
  readonly opened?: OpenedStore
  /** A connection string: the state is kept in PostgreSQL, by which several replicas are one control plane. */
  readonly postgres?: string
  /** Of Kafka, `host:port`: fairtrial's topics are read beside what is sent here. */
  readonly kafka?: readonly string[]
  readonly landing?: LandingOptions
  /** How long what is sent here, or read here, is kept, milliseconds. Default: for ever. */
  readonly retainMs?: number
  /** How often it is looked what has been kept for long enough, milliseconds. Default an hour. */
  readonly retainEveryMs?: number
  /** Of the built console; null for none. Default: that of the package @fairtrial/console, where it is installed. */
  readonly consoleFolder?: string | null
  /** Of the secret that services issue exposure tokens by. With it, exposures of anybody are taken that bear one. */
  readonly exposureSecretFile?: string
  /** Told of all that happens, beside the rooms. */
  readonly onNotice?: Tell
}

/** A control plane with everything around it, before it listens. */
export interface ControlPlane {
  readonly plane: Plane
  readonly routes: readonly Route[]
  listen(port: number, host?: string): Promise<string>
  /** Reads again what may change while it runs: the tokens. */
  reload(): Promise<void>
  /** Ends everything, the last first. What fails to end well is logged, and keeps nothing else from ending. */
  close(): Promise<void>
  /** What is being ended just now; null where nothing is. */
  closing(): string | null
}

/** Ends a part, which has a name. */
type AtEnd = (what: string, end: () => Promise<unknown> | void) => void

/**
 * Puts the rooms together: whoever keeps, tells or shows what happens stands here in a line. Rejects, and leaves nothing
 * running, where one of them cannot begin.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const log = (line: string) => options.log(printable(line))
  const endings: { readonly what: string; readonly end: () => Promise<unknown> | void }[] = []
  let closing: string | null = null
  let closed: Promise<void> | null = null
  const closeAll = async () => {
    for (const { what, end } of endings.toReversed()) {
      closing = what
      try {
        await end()
      } catch (error) {
        log(`${what} has not ended well: ${(error as Error).message}`)
      }
    }
    closing = null
  }
  const close = () => (closed ??= closeAll())
  try {
    const started = await start({ ...options, log }, (what, end) => endings.push({ what, end }))
    return { ...started, close, closing: () => closing }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(
  options: ControlPlaneOptions,
  atEnd: AtEnd,
): Promise<Omit<ControlPlane, 'close' | 'closing'>> {
  const { tokensFile, signingKeyFile, kafka, landing, postgres, directory, log, retainMs } = options
  const { consoleFolder = findConsole(), exposureSecretFile } = options
  const exposureSecret =
    exposureSecretFile === undefined ? null : await readExposureSecret(exposureSecretFile)
  const signer = signingKeyFile === undefined ? null : await readSigner(signingKeyFile)
  const tokens = tokensFile === undefined ? null : await tokensOf(tokensFile, { now: Date.now, log })
  if (tokens !== null) atEnd('The watch on the tokens', tokens.close)
  const counted = countPlane()
  const changes = createChangeStream()
  atEnd('The stream of changes', changes.close)
  // Whoever has the store has the data directory: nothing else in it is opened before.
  const opened =
    options.opened ??
    (await (postgres === undefined ? openFileStore(directory) : openPostgresStore(postgres, directory, log)))
  atEnd('The store', opened.close)
  const { rooms, trail } = await openKeepingRooms({
    ...options,
    now: Date.now,
    ...(opened.trailTable !== undefined && { trailTable: opened.trailTable }),
    ...(opened.historyTable !== undefined && { historyTable: opened.historyTable }),
  })
  for (const room of rooms.toReversed()) atEnd('What keeps and tells', () => room.close())
  let states: StateStream | null = null
  const tell: Tell = (notice) => {
    for (const room of rooms) room.take(notice)
    counted.take(notice)
    changes.take(notice)
    states?.take(notice)
    options.onNotice?.(notice)
  }

  const retention = retainMs === undefined ? null : retentionOf(options, retainMs, opened, trail)
  await retention?.finish()
  const aged = retainMs === undefined ? {} : { maximumSegmentAgeMs: Math.min(DAY_MS, retainMs) }
  const landed =
    kafka === undefined ? null : await landTopics({ ...landing, ...aged, brokers: kafka, directory, log })
  if (landed !== null) atEnd('Reading Kafka', landed.close)
  const plane = await startPlane({
    ...options,
    ...aged,
    tell,
    knownRevision: trail.knownRevision,
    ...(landed !== null && { landed }),
    opened,
  })
  atEnd('A turn of the loop', plane.close)
  if (retention !== null) {
    atEnd('The retention', retention.close)
    retention.start()
  }
  const stateStream = createStateStream(plane, signer, log)
  atEnd('The stream of state', stateStream.close)
  states = stateStream

  const metrics = () => [
    ...counted.read(plane),
    ...streamMetrics(stateStream, changes),
    ...(landed?.metrics() ?? []),
    ...(retention?.metrics() ?? []),
    ...rooms.flatMap((room) => room.metrics?.() ?? []),
  ]
  const described = [
    ...processRoutes(plane, metrics),
    ...stateRoutes(plane, signer, stateStream),
    ...ingestRoutes(plane, exposureSecret),
    ...rolloutRoutes(plane, changes, tokens !== null),
    ...attributionRoutes(plane),
    ...rooms.flatMap((room) => room.routes),
    ...consoleRoutes(consoleFolder),
  ]
  const routes = [...described, openApiRoute(described, tokens !== null)]
  const server = createControlServer({
    routes,
    tokens,
    log,
    onAnswer(answered) {
      counted.answered(answered)
      const notice = refusedOrder(answered, plane.now())
      if (notice !== null) tell(notice)
    },
  })
  atEnd('HTTP', () => {
    // It takes its time too, and nobody who is being answered needs it.
    void landed?.close().catch(() => undefined)
    return server.close()
  })
  return { plane, routes, listen: server.listen, reload: async () => tokens?.reload() }
}

/** Where the old goes, it goes file by file. */
const DAY_MS = 86_400_000

/** All that is kept of events here: what was sent here, what has landed from topics, and what all replicas share. */
function retentionOf(
  { directory, log, experiments, retainEveryMs: everyMs }: ControlPlaneOptions,
  olderThanMs: number,
  { store, lease, retainedLog }: OpenedStore,
  trail: Trail,
): Retention {
  const segments = ['log', 'kafka'].map((name) => ({ name, ...segmentRetention(join(directory, name)) }))
  const table = retainedLog === undefined ? [] : [retainedTable(retainedLog, () => lease.current() !== null)]
  return createRetention({
    logs: [...segments, ...table],
    olderThanMs,
    store,
    experiments,
    definitions: keptDefinitions(join(directory, 'definitions')),
    record: trail.append,
    now: steadyTime(systemClock),
    log,
    ...(everyMs !== undefined && { everyMs }),
  })
}
