import { tokensOf } from './access/tokens.ts'
import type { Metric } from './metrics/metric.ts'
import type { KeepingRoom, Tell } from './notice.ts'
import { openApiRoute } from './openapi/openapi-route.ts'
import { type Plane, type PlaneOptions, startPlane } from './plane.ts'
import { refusedOrder } from './refused-order.ts'
import type { Route } from './route.ts'
import { ingestRoutes } from './routes/ingest-routes.ts'
import { processRoutes } from './routes/process-routes.ts'
import { rolloutRoutes } from './routes/rollout-routes.ts'
import { stateRoutes } from './routes/state-routes.ts'
import { createControlServer } from './server.ts'

/** What a control plane is made of, over what its plane is. */
export interface ControlPlaneOptions extends Omit<PlaneOptions, 'tell'> {
  /** Of tokens and roles. Without it this machine may do everything, and nobody else anything. */
  readonly tokensFile?: string
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
  close(): Promise<void>
}

/** Puts the rooms together: whoever keeps, tells or shows what happens stands here in a line. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { tokensFile, log } = options
  const tokens = tokensFile === undefined ? null : await tokensOf(tokensFile, { now: Date.now, log })
  const rooms: KeepingRoom[] = []
  const tell: Tell = (notice) => {
    for (const room of rooms) room.take(notice)
    options.onNotice?.(notice)
  }
  const closeRooms = async () => {
    tokens?.close()
    for (const room of rooms) await room.close()
  }
  let plane: Plane
  try {
    plane = await startPlane({ ...options, tell })
  } catch (error) {
    await closeRooms()
    throw error
  }
  const metrics = (): readonly Metric[] => rooms.flatMap((room) => room.metrics?.() ?? [])
  const routes = [
    ...processRoutes(plane, metrics),
    ...stateRoutes(plane),
    ...ingestRoutes(plane),
    ...rolloutRoutes(plane),
    ...rooms.flatMap((room) => room.routes),
  ]
  const document = openApiRoute(routes)
  const server = createControlServer({
    routes: [...routes, document],
    tokens,
    log,
    onAnswer(answered) {
      const notice = refusedOrder(answered, plane.now())
      if (notice !== null) tell(notice)
    },
  })
  return {
    plane,
    routes: [...routes, document],
    listen: server.listen,
    reload: async () => tokens?.reload(),
    async close() {
      await server.close()
      await plane.close()
      await closeRooms()
    },
  }
}
