import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '@fairtrial/protocol'
import type { Caller, Role } from './access/caller.ts'

/** A JSON Schema (2020-12), as the OpenAPI document shows it. */
export type JsonSchema = JsonObject

/** One thing that the control plane answers. The OpenAPI document is made from the list of these. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** `:key` stands for an experiment's key, which is checked before the route is asked. */
  readonly path: string
  /** The least that may ask; null: everybody. */
  readonly role: Role | null
  /** What it does, in a sentence. */
  readonly summary: string
  /** What it reads of the query, by name. */
  readonly query?: { readonly [name: string]: JsonSchema }
  /** Names of the query without which it refuses. */
  readonly requiredQuery?: readonly string[]
  readonly body?: {
    readonly contentType: string
    readonly maximumBytes: number
    /** Of the body, or of each of its lines. */
    readonly schema: JsonSchema
  }
  /** Of the body of an answer with 200; null where it is not JSON. */
  readonly answer: JsonSchema | null
  /** Of answers with another status that are no refusals; null: without a body. */
  readonly others?: { readonly [status: number]: JsonSchema | null }
  /** Answers on `asked.response`, or throws `Refused`. */
  run(asked: Asked): void | Promise<void>
}

/** A request that may be answered: whoever asks is known, and may. */
export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Of the experiment; empty where the path has none. */
  readonly key: string
  readonly query: URLSearchParams
  readonly caller: Caller
  /** Whether they still may: of an answer that goes on, tokens expire and are taken away meanwhile. */
  mayStill(): boolean
  /** Aborted when whoever asked has hung up, or the server ends. */
  readonly signal: AbortSignal
}
