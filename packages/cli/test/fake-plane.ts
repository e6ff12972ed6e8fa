import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startRollout } from '@fairtrial/rollout'
import { onTestFinished } from 'vitest'
import { readDefinition } from '../src/definition-file.ts'
import { folderWith, NOW } from './terminal.ts'
import { trialYaml } from './trial.ts'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly authorization: string | undefined
}

/** What is answered: a status and a body, a text as it is. */
export type Answer = readonly [status: number, body: unknown]

/** A control plane that answers what a test has it answer, and what it was asked. */
export async function fakePlane(answerOf: (asked: Asked, response: ServerResponse) => Answer | null) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', headers } = request
      const one = { method, url, body, authorization: headers.authorization }
      asked.push(one)
      const answered = answerOf(one, response)
      if (answered === null) return
      const [status, told] = answered
      response.writeHead(status).end(typeof told === 'string' ? told : JSON.stringify(told))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  onTestFinished(() => void close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

/** What a control plane tells of the small trial. */
export async function viewOf(
  change: { readonly state?: object | null; readonly [field: string]: unknown } = {},
) {
  const experiment = await readDefinition(folderWith({ 'trial.yaml': trialYaml })('trial.yaml'))
  const { state = {}, ...rest } = change
  return {
    schema: 'fairtrial.rollout/1',
    experiment,
    state: state && { ...startRollout(experiment, { now: NOW }), ...state },
    decision: null,
    evaluation: null,
    audit: null,
    proof: null,
    transitions: [],
    looks: null,
    error: null,
    leader: true,
    ...rest,
  }
}

export const ABORTED = { status: 'aborted', trafficPercent: 0, revision: 2, cause: 'By hand.' }

export const UNPROVED = {
  proved: false,
  servedForMs: 0,
  waitingFor: ['svc-1 has not acknowledged revision 2 yet.'],
  violated: [],
}
